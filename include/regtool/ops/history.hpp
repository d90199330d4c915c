#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/history_report.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// The history of an image from its manifest and configuration alone.
[[nodiscard]] HistoryReport read_history(store::ImageStore& store,
                                         const std::optional<model::Platform>& wanted,
                                         std::stop_token stop);

}  // namespace regtool::ops
