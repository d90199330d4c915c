#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace regtool::ui {

enum class ColorMode { automatic, always, never };

/// Facts about one output stream, found out once.
struct Terminal {
    bool is_terminal = false;
    bool color = false;  ///< after --color, NO_COLOR, CLICOLOR_FORCE and TERM=dumb
    std::size_t columns = 80;
};

using Environment = std::function<std::optional<std::string>(const char*)>;

[[nodiscard]] Terminal inspect_terminal(int fd, ColorMode mode, const Environment& environment);

}  // namespace regtool::ui
