#pragma once

#include <string>

namespace regtool::cli {

// Completion scripts made from the command table. Images, repositories and tags are asked from the
// registry by calling regtool itself, with two seconds at most.

[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace regtool::cli
