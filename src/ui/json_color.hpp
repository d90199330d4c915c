#pragma once

#include <string>
#include <string_view>

namespace regtool::ui {

/// Well-formed JSON with terminal colours: names blue, strings green, other values yellow.
[[nodiscard]] std::string color_json(std::string_view json);

}  // namespace regtool::ui
