#include "regtool/ui/terminal.hpp"

#include <map>

#include "support/catch.hpp"
#include "unit/ui/captured.hpp"

using namespace regtool;
using namespace regtool::ui;

namespace {

bool colored(ColorMode mode, std::map<std::string, std::string> values) {
    const test::Captured captured;
    return inspect_terminal(captured.fd(), mode,
                            [&](const char* name) -> std::optional<std::string> {
                                const auto found = values.find(name);
                                return found == values.end() ? std::nullopt
                                                             : std::optional(found->second);
                            })
        .color;
}

}  // namespace

TEST_CASE("colour: flag, NO_COLOR, CLICOLOR_FORCE, and none where no terminal is") {
    CHECK_FALSE(colored(ColorMode::automatic, {}));
    CHECK(colored(ColorMode::always, {{"NO_COLOR", "1"}}));
    CHECK_FALSE(colored(ColorMode::never, {{"CLICOLOR_FORCE", "1"}}));
    CHECK(colored(ColorMode::automatic, {{"CLICOLOR_FORCE", "1"}}));
    CHECK_FALSE(colored(ColorMode::automatic, {{"CLICOLOR_FORCE", "0"}}));
    CHECK_FALSE(colored(ColorMode::automatic, {{"CLICOLOR_FORCE", "1"}, {"NO_COLOR", "1"}}));
}

TEST_CASE("a file is no terminal") {
    const test::Captured captured;
    const Terminal terminal = inspect_terminal(captured.fd(), ColorMode::automatic,
                                               [](const char*) { return std::nullopt; });
    CHECK_FALSE(terminal.is_terminal);
    CHECK(terminal.columns == 80);
}
