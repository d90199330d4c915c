#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/http/message.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-09: what is taken has a plain origin, and is stable.
    try {
        const std::string origin = regtool::http::origin_of(text_of(data, size));
        require(origin.starts_with("http://") || origin.starts_with("https://"));
        require(origin.find('@') == std::string::npos);
        require(regtool::http::origin_of(origin) == origin);
    } catch (const regtool::base::UsageError&) {
        return 0;
    }
    return 0;
}
