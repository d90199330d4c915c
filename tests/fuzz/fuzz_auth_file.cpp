#include "auth/auth_file.hpp"
#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-15: no file gives the secret of one host to another.
    try {
        const auto file = regtool::auth::parse_auth_file(text_of(data, size), "file");
        const auto stranger = regtool::model::RegistryHost::parse("stranger.test");
        const auto* entry = regtool::auth::find_entry(file, stranger, "a/b");
        if (entry != nullptr) {
            require(text_of(data, size).find("stranger") != std::string_view::npos ||
                    text_of(data, size).find("\\u") != std::string_view::npos);
        }
    } catch (const regtool::base::UsageError&) {
        return 0;
    }
    return 0;
}
