#pragma once

#include <string>

#include "regtool/base/fd.hpp"

namespace regtool::ops {

/// Opens a regular file to read; with more flags of open(2), such as O_NOFOLLOW. Throws IoError for
/// what is none.
[[nodiscard]] base::UniqueFd open_regular_file(const std::string& path, int flags = 0);

/// All of standard input in a temporary file that has no name and goes with its descriptor.
[[nodiscard]] base::UniqueFd spool_standard_input();

}  // namespace regtool::ops
