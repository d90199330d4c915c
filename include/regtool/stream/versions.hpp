#pragma once

#include <string>

namespace regtool::stream {

/// "isa-l/2.30.0 zstd/1.5.4"
[[nodiscard]] std::string library_versions();

}  // namespace regtool::stream
