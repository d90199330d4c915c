#include "published_indexes.hpp"

#include <algorithm>
#include <utility>

#include "index_artifact.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

namespace {

/// Reading a smaller layer takes no longer than asking for its index would.
constexpr std::uint64_t kWorthAsking = std::uint64_t{1} << 20;
/// An index is about a hundredth of its layer; one that is larger than this part of it is no help.
constexpr std::uint64_t kLargestPart = 4;
/// Whoever publishes replaces what was there, so there is one; a few more may have crossed.
constexpr std::size_t kMostArtifacts = 4;

}  // namespace

PublishedIndexes::PublishedIndexes(store::ImageStore& store,
                                   model::Digest image,
                                   std::stop_token stop)
    : store_(store), image_(std::move(image)), stop_(std::move(stop)) {}

void PublishedIndexes::look() {
    const auto listed = store_.referrers(image_, kLayerIndexType, stop_);
    for (std::size_t i = 0; i < std::min(listed.size(), kMostArtifacts); ++i) {
        artifacts_.push_back(store_.manifest(listed[i], stop_));
    }
}

PublishedIndexes::Found PublishedIndexes::fetch(const model::Descriptor& layer) {
    for (const model::Manifest& artifact : artifacts_) {
        const model::Descriptor* blob = index_in_artifact(artifact, image_, layer.digest);
        if (blob == nullptr || blob->size > layer.size / kLargestPart ||
            blob->size > layer::kMaxIndexBytes) {
            continue;
        }
        stream::StringSink bytes(blob->size);
        store_.fetch_blob({blob->digest, blob->size}, bytes, stop_, {}, nullptr);
        layer::LayerIndex index = layer::read_layer_index(bytes.text());
        if (index.layer == layer.digest && index.layer_bytes == layer.size) {
            return {std::move(index), "by an index of " + base::human_size(blob->size) +
                                          " that is published beside the image; nobody but its "
                                          "publisher vouches for it"};
        }
    }
    return {};
}

PublishedIndexes::Found PublishedIndexes::find(const model::Descriptor& layer) {
    if (layer.size < kWorthAsking) {
        return {};
    }
    try {
        {
            const std::scoped_lock lock(mutex_);
            if (!std::exchange(looked_, true)) {
                look();
            }
        }
        return fetch(layer);
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        return {std::nullopt, "a published index was of no use: " + error.message()};
    }
}

}  // namespace regtool::ops
