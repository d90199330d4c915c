#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/ops/size_report.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

enum class ReadLayers { no, yes };

/// Sizes of every platform, or of `wanted` alone. ReadLayers::yes streams all layers to count what
/// they unpack to.
[[nodiscard]] SizeReport measure_size(store::ImageStore& store,
                                      const std::optional<model::Platform>& wanted,
                                      ReadLayers read_layers,
                                      int jobs,
                                      ProgressListener& progress,
                                      std::stop_token stop);

}  // namespace regtool::ops
