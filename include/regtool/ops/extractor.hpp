#pragma once

#include <string>
#include <vector>

#include "regtool/layer/disk_writer.hpp"
#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

/// Writes these paths of the merged view, all when there is none, below a folder, with the folders
/// that lead there. The last part of a path is taken as it is: a link comes out as a link. Every
/// path is looked up before anything is written. Throws NotFound, IoError.
layer::DiskWriterCounts extract_tree(ImageView& view,
                                     const layer::MergedTree& tree,
                                     const std::vector<std::string>& paths,
                                     const std::string& folder,
                                     layer::DiskWriterOptions options);

}  // namespace regtool::ops
