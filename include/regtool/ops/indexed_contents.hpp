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

/// Where indexes of an image's layers may be that somebody made ahead.
struct PublishedPlaces {
    /// The SOCI index that the image's manifest names: who knows the image's digest knows that it
    /// is the right one.
    std::optional<model::Digest> soci{};
    /// The image whose referrers are looked at, for the indexes of IndexPublisher and for SOCI's.
    /// They are hearsay: nothing that the image's digest covers says that they are right, and
    /// whoever may push to the repository may attach one.
    std::optional<model::Digest> referrers_of{};
};

struct IndexedOptions {
    KeepIndex keep = KeepIndex::if_possible;
    Reading reading = Reading::least;
    /// What is said there of an unknown layer is believed (see docs/architecture.md for what that
    /// means). It is not kept.
    PublishedPlaces published{};
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
