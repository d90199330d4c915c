#pragma once

#include <string>

#include "regtool/ops/file_report.hpp"
#include "regtool/ops/history_report.hpp"
#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

/// What each layer did to a path, oldest first, with the step of the history that made the layer.
/// `tree` must have its changes. The last part of the path is taken as it is: a link's own story,
/// not its target's. Throws NotFound for what no layer ever had.
[[nodiscard]] BlameReport blame(const ImageView& view,
                                const layer::MergedTree& tree,
                                const HistoryReport& history,
                                const std::string& path);

}  // namespace regtool::ops
