#pragma once

#include <optional>
#include <stop_token>

#include "regtool/model/platform.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/ops/publish_report.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Does what warm() does, and attaches the indexes of all layers to the image, as one artifact that
/// has it for its subject: what is published comes from full, verified reads. What is there already
/// is not sent again; other artifacts of this kind are removed, so that publishing again leaves
/// one; that one could not be removed is only noted. `registry` must read from the place that is
/// changed, not from mirrors. Throws UsageError for what is in no registry, PreconditionError when
/// the tag moves meanwhile, IoError for an index that the cache did not keep, and as warm() and the
/// registry do.
[[nodiscard]] PublishReport publish_indexes(store::ImageStore& store,
                                            const std::optional<model::Platform>& wanted,
                                            const LayerIndexCache& cache,
                                            int jobs,
                                            ProgressListener& progress,
                                            registry::RegistryClient& registry,
                                            const std::stop_token& stop);

}  // namespace regtool::ops
