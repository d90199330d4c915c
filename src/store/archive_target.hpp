#pragma once

#include <memory>

#include "regtool/store/image_target.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::store {

/// Writes images into an archive, which takes the place of one that was there (OCL-13). Every blob
/// stands in it once, as it is, lists come last: an archive that was cut names nothing.
///
/// An archive for Docker is an OCI layout with Docker's own list beside it, as newer releases of
/// Docker save it: both find the same blobs, and no digest changes (DAR-07, DAR-08). It holds
/// images of one platform alone; others throw UsageError (DAR-09).
///
/// Throws UsageError for a name that such an archive cannot have.
[[nodiscard]] std::unique_ptr<ImageTarget> make_archive_target(const Location& location);

}  // namespace regtool::store
