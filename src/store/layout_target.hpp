#pragma once

#include <memory>

#include "regtool/store/image_target.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::store {

/// Writes images into an OCI layout, which is made when it is not there and extended when it is.
/// Throws UsageError for a folder that holds something else and for a name that layouts cannot have
/// (OCL-07).
[[nodiscard]] std::unique_ptr<ImageTarget> make_layout_target(const Location& location);

}  // namespace regtool::store
