#include "auth/credential_helper.hpp"
#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-16: what is refused is not repeated; what is taken has one form.
    const std::string_view text = text_of(data, size);
    try {
        const auto credentials =
            regtool::auth::parse_helper_answer(text, "docker-credential-x", "reg.test");
        require(credentials.identity_token.empty() || credentials.password.empty());
        require(credentials.registry_token.empty());
    } catch (const regtool::base::AccessDenied& error) {
        require(error.message().find("canary") == std::string::npos ||
                text.find("ServerURL") != std::string_view::npos ||
                text.find('\\') != std::string_view::npos);
    }
    return 0;
}
