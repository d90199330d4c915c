#include "regtool/ops/index_publisher.hpp"

#include <array>
#include <set>
#include <string>
#include <vector>

#include "index_artifact.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/layer_index.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/warmer.hpp"
#include "small_blob.hpp"

namespace regtool::ops {

namespace {

class Publisher {
  public:
    Publisher(registry::RegistryClient& registry,
              const model::Repository& repository,
              const std::stop_token& stop)
        : registry_(registry), repository_(repository), stop_(stop) {}

    [[nodiscard]] model::Digest put_blob(const std::string& bytes) {
        const std::array wanted{model::Digest::sha256_of(bytes)};
        if (registry_.blob_heads(repository_, wanted, stop_).front()) {
            return wanted.front();
        }
        return put_small_blob(registry_, repository_, bytes, stop_);
    }

    void put(const model::Manifest& artifact) {
        registry_.put_manifest(at(artifact.digest()), artifact, stop_);
    }

    /// Removes what was published before.
    void remove_others(const model::Digest& image,
                       const model::Digest& artifact,
                       PublishReport& result) {
        for (const model::Descriptor& other :
             registry_.referrers(repository_, image, kLayerIndexType, stop_)) {
            if (other.digest == artifact) {
                continue;
            }
            try {
                remove(image, other.digest);
                result.replaced.push_back(other.digest.str());
            } catch (const base::Cancelled&) {
                throw;
            } catch (const base::Error& error) {
                result.notes.push_back("an older index, " + other.digest.str() +
                                       ", could not be removed: " + error.message());
            }
        }
    }

  private:
    [[nodiscard]] model::Reference at(const model::Digest& digest) const {
        return model::Reference::parse(repository_.str() + "@" + digest.str());
    }

    void remove(const model::Digest& image, const model::Digest& artifact) {
        try {
            registry_.delete_manifest(at(artifact), stop_);
        } catch (const base::NotFound&) {  // NOLINT(bugprone-empty-catch)
            // Gone already: only the list may still have it.
        }
        registry_.forget_referrer(repository_, image, artifact, stop_);
    }

    registry::RegistryClient& registry_;
    const model::Repository& repository_;
    const std::stop_token& stop_;
};

/// What of a layer's index is the same whoever made it.
std::string published_bytes(const LayerIndexCache& cache, const model::Descriptor& layer) {
    auto index = cache.find(layer);
    if (!index) {
        throw base::IoError("the index of layer " + layer.digest.str(), "was not kept", 0);
    }
    index->diff_id.reset();
    return layer::write_layer_index(*index);
}

}  // namespace

PublishReport publish_indexes(store::ImageStore& store,
                              const std::optional<model::Platform>& wanted,
                              const LayerIndexCache& cache,
                              int jobs,
                              ProgressListener& progress,
                              registry::RegistryClient& registry,
                              const std::stop_token& stop) {
    const auto repository = store.repository();
    if (!repository) {
        throw base::UsageError("publish: " + store.name() + " is in no registry");
    }
    const ChosenImage chosen = choose_image(store, wanted, stop);
    const model::Manifest& image = chosen.manifest;
    PublishReport report{warm(store, wanted, cache, jobs, progress, stop), {}, {}, {}};
    if (report.warmed.digest != image.digest().str()) {
        throw base::PreconditionError(store.name() + " was moved while its layers were read");
    }
    Publisher publisher(registry, *repository, stop);
    std::vector<IndexBlob> blobs;
    std::set<model::Digest> seen;
    for (const model::Descriptor& layer : image.image()->layers) {
        if (seen.insert(layer.digest).second) {
            const std::string bytes = published_bytes(cache, layer);
            blobs.push_back({layer.digest, publisher.put_blob(bytes), bytes.size()});
        }
    }
    (void)publisher.put_blob(std::string(kEmptyConfig));
    const model::Manifest artifact = make_index_artifact(image.descriptor(), blobs);
    publisher.put(artifact);
    report.artifact = artifact.digest().str();
    publisher.remove_others(image.digest(), artifact.digest(), report);
    return report;
}

}  // namespace regtool::ops
