#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/ops/packages.hpp"

using namespace regtool;
using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Every package has a name and a version, and a paragraph put behind is found as well.
    const std::string text(text_of(data, size));
    const auto dpkg = ops::parse_dpkg_status(text);
    const auto apk = ops::parse_apk_installed(text);
    for (const auto* packages : {&dpkg, &apk}) {
        for (const ops::Package& package : *packages) {
            require(!package.name.empty() && !package.version.empty());
        }
    }
    require(ops::parse_dpkg_status(text + "\n\nPackage: z\nVersion: 1\n").size() ==
            dpkg.size() + 1);
    require(ops::parse_apk_installed(text + "\n\nP:z\nV:1\n").size() == apk.size() + 1);
    return 0;
}
