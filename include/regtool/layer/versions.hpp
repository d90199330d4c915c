#pragma once

#include <string>

namespace regtool::layer {

/// "libarchive/3.6.2"
[[nodiscard]] std::string library_version();

}  // namespace regtool::layer
