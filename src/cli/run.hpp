#pragma once

namespace regtool::cli {

/// The whole program: parses, runs the command, renders what went wrong, returns the exit code.
[[nodiscard]] int run(int argc, char** argv);

}  // namespace regtool::cli
