#pragma once

#include <string>

namespace regtool::cli {

/// The whole command line as JSON, for the generators of man pages and completions and for tests.
[[nodiscard]] std::string dump_cli();

}  // namespace regtool::cli
