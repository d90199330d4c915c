#include "regtool/ui/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include "regtool/base/text.hpp"

namespace regtool::ui {

namespace {

constexpr std::size_t kMinColumns = 20;
constexpr std::size_t kMaxColumns = 1000;

bool is_set(const Environment& environment, const char* name) {
    const auto value = environment(name);
    return value && !value->empty();
}

/// no-color.org, bixense.com/clicolors: NO_COLOR wins over all but an explicit --color.
bool wants_color(ColorMode mode, bool is_terminal, const Environment& environment) {
    if (mode != ColorMode::automatic) {
        return mode == ColorMode::always;
    }
    if (is_set(environment, "NO_COLOR")) {
        return false;
    }
    if (const auto force = environment("CLICOLOR_FORCE");
        force && *force != "0" && !force->empty()) {
        return true;
    }
    return is_terminal && environment("TERM").value_or("") != "dumb";
}

std::size_t columns_of(int fd, const Environment& environment) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= kMinColumns) {
        return size.ws_col;
    }
    const auto named = base::parse_decimal(environment("COLUMNS").value_or(""));
    if (named && *named >= kMinColumns && *named <= kMaxColumns) {
        return static_cast<std::size_t>(*named);
    }
    return Terminal{}.columns;
}

}  // namespace

Terminal inspect_terminal(int fd, ColorMode mode, const Environment& environment) {
    Terminal terminal;
    terminal.is_terminal = isatty(fd) == 1;
    terminal.color = wants_color(mode, terminal.is_terminal, environment);
    terminal.columns = columns_of(fd, environment);
    return terminal;
}

}  // namespace regtool::ui
