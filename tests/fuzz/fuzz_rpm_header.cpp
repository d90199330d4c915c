#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/ops/packages.hpp"

using namespace regtool;
using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A package has a name and a version without NUL, or there is none.
    try {
        const ops::Package package = ops::parse_rpm_header(text_of(data, size));
        require(!package.name.empty() && !package.version.empty());
        require(package.name.find('\0') == std::string::npos);
        require(package.name.size() + package.version.size() <= 2 * size + 12);
    } catch (const base::InvalidDocument&) {
    }
    return 0;
}
