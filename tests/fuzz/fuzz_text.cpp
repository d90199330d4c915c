#include "fuzz/fuzz.hpp"
#include "regtool/base/text.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-26: no control byte gets out, and what is safe stays as it is.
    const std::string shown = regtool::base::printable(text_of(data, size));
    for (const char c : shown) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    require(regtool::base::is_valid_utf8(shown));
    require(regtool::base::printable(shown) == shown);
    const std::string_view text = text_of(data, size);
    require(regtool::base::base64_decode(regtool::base::base64_encode(text)) == text);
    (void)regtool::base::redacted_url(text);
    (void)regtool::base::parse_decimal(text);
    return 0;
}
