#pragma once

#include <memory>

#include "regtool/store/image_target.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::store {

/// Writes one image or index into a flat folder (folder_files.hpp), in place of what it held: blobs
/// first, `manifest.json` last, then what belonged to the former image goes. One writer at a time:
/// another one finds the folder locked. Throws UsageError for a folder that holds something else.
[[nodiscard]] std::unique_ptr<ImageTarget> make_folder_target(const Location& location);

}  // namespace regtool::store
