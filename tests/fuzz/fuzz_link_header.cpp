#include "fuzz/fuzz.hpp"
#include "regtool/registry/link_header.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-04: a target is part of the header, without its brackets.
    const std::string_view text = text_of(data, size);
    const auto next = regtool::registry::next_link({text});
    if (next) {
        require(text.find("<" + *next + ">") != std::string_view::npos);
    }
    return 0;
}
