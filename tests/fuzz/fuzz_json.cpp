#include <nlohmann/json.hpp>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"

using namespace regtool::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // FZ-10: bounded and never deeper than the limit; indenting keeps what it is given.
    const std::string_view text = text_of(data, size);
    try {
        const auto json = regtool::base::parse_json(text, "input");
        require(nlohmann::ordered_json::parse(json.dump()) == json);
        require(nlohmann::ordered_json::parse(regtool::base::indent_json(text)) == json);
    } catch (const regtool::base::InvalidDocument&) {
        (void)regtool::base::indent_json(text);
    }
    return 0;
}
