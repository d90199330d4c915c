#include "store/registry_store.hpp"

#include "regtool/base/error.hpp"

namespace regtool::store {

namespace {

class RegistryStore final : public ImageStore {
  public:
    RegistryStore(model::Reference reference, registry::RegistryClient& registry)
        : reference_(std::move(reference)), registry_(registry) {}

    std::string name() const override { return reference_.familiar(); }

    std::string repository_name() const override { return reference_.repository().familiar(); }

    std::optional<model::Digest> named_digest() const override { return reference_.digest(); }

    model::Manifest root(std::stop_token stop) override {
        return registry_.manifest(reference_, std::move(stop));
    }

    model::Descriptor resolve(std::stop_token stop) override {
        return registry_.resolve(reference_, std::move(stop));
    }

    std::vector<std::string> names(std::stop_token stop) override {
        std::vector<std::string> names;
        registry_.tags(
            reference_.repository(), {},
            [&names](const std::vector<std::string>& page) {
                names.insert(names.end(), page.begin(), page.end());
                return true;
            },
            std::move(stop));
        return names;
    }

    std::unique_ptr<ImageStore> named(const std::string& name) const override {
        return make_registry_store(
            model::Reference::parse(reference_.repository().str() + ":" + name), registry_);
    }

    model::Manifest manifest(const model::Descriptor& descriptor, std::stop_token stop) override {
        return registry_.manifest(reference_.repository(), descriptor, std::move(stop));
    }

    model::Manifest manifest_of(const model::Digest& digest, std::stop_token stop) override {
        return registry_.manifest(reference_.with_digest(digest), std::move(stop));
    }

    std::vector<model::Descriptor> referrers(const model::Digest& subject,
                                             std::string_view artifact_type,
                                             std::stop_token stop) override {
        return registry_.referrers(reference_.repository(), subject, artifact_type,
                                   std::move(stop));
    }

    std::optional<BlobInfo> blob_info(const model::Digest& digest, std::stop_token stop) override {
        const auto head = registry_.blob_head(reference_.repository(), digest, std::move(stop));
        if (!head) {
            return std::nullopt;
        }
        return BlobInfo{head->size.has_value(), head->size.value_or(0), head->media_type};
    }

    std::uint64_t fetch_blob(const stream::Expectation& expected,
                             stream::Sink& sink,
                             std::stop_token stop,
                             const BytesArrived& arrived,
                             stream::Source* held) override {
        return registry_.fetch_blob(reference_.repository(), expected, sink, std::move(stop),
                                    arrived, held);
    }

    std::unique_ptr<stream::Source> open_blob(const stream::Expectation& expected,
                                              const BytesArrived& arrived) override {
        return registry_.open_blob(reference_.repository(), expected, arrived);
    }

    void fetch_blob_range(const model::Digest& digest,
                          std::uint64_t first,
                          std::uint64_t count,
                          stream::Sink& sink,
                          std::stop_token stop) override {
        registry_.fetch_blob_range(reference_.repository(), digest, {first, first + count - 1},
                                   sink, std::move(stop));
    }

    std::optional<model::Repository> repository() const override { return reference_.repository(); }

  private:
    model::Reference reference_;
    registry::RegistryClient& registry_;
};

}  // namespace

std::unique_ptr<ImageStore> make_registry_store(model::Reference reference,
                                                registry::RegistryClient& registry) {
    return std::make_unique<RegistryStore>(std::move(reference), registry);
}

}  // namespace regtool::store
