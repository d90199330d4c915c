#include "fuzz/fuzz.hpp"
#include "regtool/model/digest.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-02: sha256 is taken exactly with 64 lower-case hex digits.
    const std::string_view text = text_of(data, size);
    const auto digest = regtool::model::Digest::try_parse(text);
    if (text.starts_with("sha256:")) {
        const std::string_view hex = text.substr(7);
        const bool valid =
            hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
        require(digest.has_value() == valid);
    }
    if (digest) {
        require(digest->str() == text);
        require(text.find('/') == std::string_view::npos);
    }
    return 0;
}
