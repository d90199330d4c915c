#pragma once

#include "regtool/ops/image_view.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// Writes the merged view as one tar: files layer by layer as they come out, then folders, links
/// and devices in the order of the tree. The same image gives the same bytes (LAY-30). A hard link
/// whose file's name is hidden takes its content along (LAY-31). Sockets are left out; returns
/// their number.
std::size_t export_tree(ImageView& view, const layer::MergedTree& tree, stream::Sink& sink);

}  // namespace regtool::ops
