#include "fuzz/fuzz.hpp"
#include "regtool/registry/error_body.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-13: any body is an answer, no field is long.
    for (const auto& entry : regtool::registry::parse_error_body(text_of(data, size))) {
        require(!entry.code.empty() && entry.code.size() <= 64);
        require(entry.message.size() <= 1024 && entry.detail.size() <= 1024);
    }
    return 0;
}
