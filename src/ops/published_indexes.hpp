#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/layer/layer_index.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Indexes that somebody published beside an image (IndexPublisher). They are hearsay: nothing that
/// the image's digest covers says that they are right, and whoever may push to the repository may
/// attach one. Thread-safe. Borrows the store.
class PublishedIndexes {
  public:
    PublishedIndexes(store::ImageStore& store, model::Digest image, std::stop_token stop);

    /// What is found, if anything, and for people where it comes from or why there is none.
    struct Found {
        std::optional<layer::LayerIndex> index;
        std::string note;
    };

    /// The index that is published for a layer. The first call asks for the image's referrers; a
    /// layer that is read as quickly is not asked for. Never throws but Cancelled: without an index
    /// the layer is read.
    [[nodiscard]] Found find(const model::Descriptor& layer);

  private:
    [[nodiscard]] Found fetch(const model::Descriptor& layer);
    void look();

    store::ImageStore& store_;
    model::Digest image_;
    std::stop_token stop_;
    std::mutex mutex_;     ///< held while the referrers are asked for
    bool looked_ = false;  ///< not std::call_once: with the static libraries no exception passes it
    std::vector<model::Manifest> artifacts_;
};

}  // namespace regtool::ops
