#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/model/manifest.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-11: one type only, every digest valid, the bytes untouched.
    try {
        const auto manifest = regtool::model::Manifest::parse(std::string(text_of(data, size)), "");
        require(manifest.bytes() == text_of(data, size));
        const int kinds = (manifest.image() != nullptr ? 1 : 0) +
                          (manifest.index() != nullptr ? 1 : 0) +
                          (manifest.schema1() != nullptr ? 1 : 0);
        require(kinds == 1);
    } catch (const regtool::base::Error&) {
        return 0;
    }
    return 0;
}
