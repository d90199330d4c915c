#pragma once

#include "regtool/ops/file_report.hpp"
#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

/// Contents of files that the layers ship and the merged view does not show: one row for each entry
/// that hid something and layer that ships it.
[[nodiscard]] WasteReport find_waste(const ImageView& view, const layer::MergedTree& tree);

}  // namespace regtool::ops
