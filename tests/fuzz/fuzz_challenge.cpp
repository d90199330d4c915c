#include "fuzz/fuzz.hpp"
#include "regtool/auth/challenge.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-03: linear time, lower-case names, no empty scheme.
    for (const auto& challenge : regtool::auth::parse_challenges(text_of(data, size))) {
        require(!challenge.scheme.empty());
        for (const auto& [name, value] : challenge.parameters) {
            require(!name.empty());
            require(value.find('\n') == std::string::npos);
        }
    }
    return 0;
}
