#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/diff_report.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

enum class DiffDepth {
    exact,  ///< everything
    /// What a container would notice: without times, numbers of hard links, and digests, sizes and
    /// media types of what is compared by its content.
    semantic,
};

struct DiffOptions {
    bool manifest = true;
    bool config = true;
    bool files = true;
    bool packages = true;
    DiffDepth depth = DiffDepth::exact;
    std::optional<model::Platform> platform;
    int jobs = 6;
};

struct DiffResult {
    DiffReport report;
    std::vector<std::string> fetched;  ///< one line for each layer of both sides
};

/// Compares the images that two names stand for; where both are indexes, these too. A layer that
/// both have is read once, and none is when all are the same. A file's bytes are read only where
/// two different entries of the same size stand for it; packages only where their databases are not
/// the same entries. `cache`, if not null, is where indexes of layers and what was found out of
/// files are looked for and kept: of known images nothing is read. Both stores must outlive the
/// call. Throws as choose_image() and list_layer().
[[nodiscard]] DiffResult diff_images(store::ImageStore& before,
                                     store::ImageStore& after,
                                     const DiffOptions& options,
                                     ProgressListener& progress,
                                     std::stop_token stop,
                                     const LayerIndexCache* cache = nullptr);

}  // namespace regtool::ops
