#include "auth/token_request.hpp"
#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-14: a token is visible ASCII, a lifetime is bounded.
    try {
        const auto token =
            regtool::auth::parse_token_reply(std::string(text_of(data, size)), "realm");
        require(!token.text.empty());
        for (const char c : token.text.reveal()) {
            require(c > 0x20 && c < 0x7f);
        }
        require(token.lifetime.count() >= 60 && token.lifetime.count() <= 86400);
    } catch (const regtool::base::Error&) {
        return 0;
    }
    return 0;
}
