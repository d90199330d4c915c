#include "fuzz/fuzz.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/http/warnings.hpp"

using namespace regtool;
using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-06: a bounded number of texts, each safe once shown. FZ-07: a wait is never negative.
    const std::string_view text = text_of(data, size);
    http::Headers headers;
    for (const std::string_view line : base::split(text, '\n')) {
        headers.add("Warning", std::string(line));
        if (const auto wait = http::parse_retry_after(line, 1'700'000'000)) {
            require(wait->count() >= 0);
        }
    }
    std::size_t total = 0;
    for (const std::string& warning : http::warnings_of(headers)) {
        total += warning.size();
        for (const char c : base::printable(warning)) {
            require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
        }
    }
    require(total <= 4096);
    return 0;
}
