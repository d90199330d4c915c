#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "regtool/ops/layer_contents.hpp"
#include "regtool/ops/layer_index_cache.hpp"

namespace regtool::ops {

/// What to do when the index of a layer cannot be kept.
enum class KeepIndex { if_possible, or_fail };

/// A layer whose index is in the cache is not read: its table comes from there, and a single file
/// from the part of the layer that holds it, each chunk of which is checked by the hash that the
/// index gives before it is used (BLB-12). Other layers are read as make_full_read_contents() does,
/// and their index is kept. Borrows all but the list of layers.
[[nodiscard]] std::unique_ptr<LayerContents> make_indexed_contents(
    store::ImageStore& store,
    const std::vector<model::Descriptor>& layers,
    ProgressListener& progress,
    const std::stop_token& stop,
    FullReadOptions options,
    const LayerIndexCache& cache,
    KeepIndex keep = KeepIndex::if_possible);

}  // namespace regtool::ops
