#pragma once

#include <stop_token>
#include <string>

#include "store/content.hpp"

namespace regtool::store {

/// The plain bytes of an archive that the user named (`-` for standard input), to be read at any
/// place. A plain regular file is read where it lies; what is packed (gzip, zstd) or cannot be read
/// at any place (a pipe) is first brought into a temporary file without a name (DAR-02, DAR-10).
/// Throws IoError, InvalidDocument for broken compression, UsageError for a terminal.
[[nodiscard]] Content open_archive(const std::string& path, const std::stop_token& stop);

}  // namespace regtool::store
