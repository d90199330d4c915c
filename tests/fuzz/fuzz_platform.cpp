#include <optional>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/platform.hpp"

using namespace regtool;
using namespace regtool::fuzz;

namespace {

std::optional<model::Platform> parsed(std::string_view text) {
    try {
        return model::Platform::parse(text);
    } catch (const base::UsageError&) {
        return std::nullopt;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-24: the one form is stable and names the same platform, and each is its own exact match.
    std::vector<model::Platform> all;
    for (const std::string_view line : base::split(text_of(data, size), '\n')) {
        if (const auto platform = parsed(line)) {
            const model::Platform normal = platform->normalized();
            require(normal.normalized() == normal);
            require(match_rank(normal, normal) == 0);
            const auto again = parsed(normal.str());
            require(again && again->normalized() == normal);
            all.push_back(normal);
        }
        if (all.size() == 3) {
            break;
        }
    }
    if (all.size() == 3) {  // a strict weak order
        require(!(all[0] < all[1] && all[1] < all[0]));
        require(!(all[0] < all[1] && all[1] < all[2]) || all[0] < all[2]);
    }
    return 0;
}
