#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/layer/layer_index.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/ops/indexed_contents.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Finds indexes of an image's layers that somebody made ahead: what the image vouches for before
/// hearsay, ours before SOCI's. Blobs that were fetched once come out of the cache. Thread-safe.
/// Borrows store and cache.
class PublishedIndexes {
  public:
    PublishedIndexes(store::ImageStore& store,
                     PublishedPlaces places,
                     const LayerIndexCache& cache,
                     std::stop_token stop);

    /// What is found, if anything, and for people where it comes from or why there is none.
    struct Found {
        std::optional<layer::LayerIndex> index{};
        bool vouched = false;  ///< by the image
        std::string note{};
    };

    /// The index of a layer. The first call asks for what there is; a layer that is read as quickly
    /// is not asked for. Never throws but Cancelled: without an index the layer is read.
    [[nodiscard]] Found find(const model::Descriptor& layer);

  private:
    [[nodiscard]] const model::Manifest& named();
    [[nodiscard]] const std::vector<model::Manifest>& referrers();
    [[nodiscard]] Found find_named(const model::Descriptor& layer);
    [[nodiscard]] Found find_referrer(const model::Descriptor& layer);
    [[nodiscard]] Found find_in(const model::Manifest& artifact, const model::Descriptor& layer);
    [[nodiscard]] layer::LayerIndex fetch_index(const model::Descriptor& blob,
                                                const model::Descriptor& layer);
    [[nodiscard]] layer::LayerIndex fetch_ztoc(const model::Descriptor& blob,
                                               const model::Descriptor& layer);
    [[nodiscard]] std::string fetch(const model::Descriptor& blob, const model::Descriptor& layer);

    store::ImageStore& store_;
    PublishedPlaces places_;
    const LayerIndexCache& cache_;
    std::stop_token stop_;
    std::mutex mutex_;     ///< held while manifests are fetched
    bool looked_ = false;  ///< not std::call_once: with the static libraries no exception passes it
    std::optional<model::Manifest> named_;
    std::vector<model::Manifest> referrers_;
};

}  // namespace regtool::ops
