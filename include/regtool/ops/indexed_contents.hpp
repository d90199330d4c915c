#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "regtool/ops/layer_contents.hpp"
#include "regtool/ops/layer_index_cache.hpp"

namespace regtool::ops {

/// What to do when the index of a layer cannot be kept.
enum class KeepIndex { if_possible, or_fail };

struct IndexedOptions {
    KeepIndex keep = KeepIndex::if_possible;
    Reading reading = Reading::least;
    /// The image whose published indexes may be believed: what an index says of an unknown layer is
    /// then taken from there (see docs/architecture.md for what that means). It is not kept.
    std::optional<model::Digest> believe_publisher_of{};
};

/// A layer whose index is in the cache is not read: its table comes from there, and a single file
/// from the part of the layer that holds it, each chunk of which is checked by the hash that the
/// index gives before it is used (BLB-12). Others are known by their own table of contents where
/// they have one, as make_toc_contents() says; what is left is read as make_full_read_contents()
/// does, and its index is kept. So is every layer whose index is wanted (KeepIndex::or_fail), and
/// where `options` tell what layers must unpack to; with Reading::whole so is even one whose index
/// is in the cache. Borrows all but the list of layers.
[[nodiscard]] std::unique_ptr<LayerContents> make_indexed_contents(
    store::ImageStore& store,
    const std::vector<model::Descriptor>& layers,
    ProgressListener& progress,
    const std::stop_token& stop,
    FullReadOptions options,
    const LayerIndexCache& cache,
    IndexedOptions how = {});

}  // namespace regtool::ops
