#include "fuzz/fuzz.hpp"
#include "regtool/model/reference.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-01: what is taken prints to what parses the same, and holds no trick.
    const auto reference = regtool::model::Reference::try_parse(text_of(data, size));
    if (reference) {
        require(regtool::model::Reference::parse(reference->str()) == *reference);
        const std::string& path = reference->repository().path();
        require(("/" + path + "/").find("/../") == std::string::npos);
        require(path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._/-") ==
                std::string::npos);
    }
    return 0;
}
