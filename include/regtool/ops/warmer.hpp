#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/ops/warm_report.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Reads every layer of an image that the cache has no index of, two at a time, and keeps their
/// indexes. Throws IoError when the cache cannot be written, and as choose_image() and
/// LayerContents do.
[[nodiscard]] WarmReport warm(store::ImageStore& store,
                              const std::optional<model::Platform>& wanted,
                              const LayerIndexCache& cache,
                              int jobs,
                              ProgressListener& progress,
                              const std::stop_token& stop);

}  // namespace regtool::ops
