#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/model/reference.hpp"
#include "serve/byte_range.hpp"
#include "serve/refusal.hpp"
#include "serve/target.hpp"

using namespace regtool::fuzz;
namespace serve = regtool::serve;

namespace {

void check_target(std::string_view text) {
    try {
        const serve::Target target = serve::parse_target(text);
        // What becomes part of a path or of index.json keeps to the grammar.
        require(target.repository.empty() ||
                regtool::model::is_valid_repository_path(target.repository));
        require(target.item.find('/') == std::string::npos);
    } catch (const serve::Refusal& refusal) {
        require(refusal.status() >= 400 && refusal.status() < 500);
    }
}

void check_ranges(std::string_view text) {
    constexpr std::uint64_t kSize = 1000;
    const auto range = serve::select_range(text, kSize);
    if (const auto* part = std::get_if<serve::ByteRange>(&range)) {
        require(part->first <= part->last && part->last < kSize);
    }
    if (const auto chunk = serve::parse_chunk_range(text)) {
        require(chunk->first <= chunk->last && chunk->last + 1 > chunk->last);
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_target(text_of(data, size));
    check_target("/v2/" + std::string(text_of(data, size)));
    check_ranges(text_of(data, size));
    return 0;
}
