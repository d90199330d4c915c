#include "fuzz/fuzz.hpp"
#include "registry/content_range.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-05: no overflow, and the end is not before the beginning.
    const auto range = regtool::registry::parse_content_range(text_of(data, size));
    if (range) {
        require(range->last >= range->first);
        require(!range->total || range->last < *range->total);
    }
    return 0;
}
