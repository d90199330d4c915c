#include "store/registry_target.hpp"

#include <algorithm>
#include <map>

#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"

namespace regtool::store {

namespace {

/// Registries limit what one client does; more than this wins nothing.
constexpr int kMaxParallelBlobs = 64;

std::vector<model::Digest> digests_of(std::span<const model::Descriptor> descriptors) {
    std::vector<model::Digest> digests;
    digests.reserve(descriptors.size());
    for (const model::Descriptor& descriptor : descriptors) {
        digests.push_back(descriptor.digest);
    }
    return digests;
}

/// One answer for each: there, and of the announced size where the registry says one.
template <class Head>
std::vector<bool> present(const std::vector<std::optional<Head>>& heads,
                          std::span<const model::Descriptor> wanted) {
    std::vector<bool> answers(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        answers[i] = heads[i] && heads[i]->size.value_or(wanted[i].size) == wanted[i].size;
    }
    return answers;
}

class RegistryTarget final : public ImageTarget {
  public:
    RegistryTarget(model::Reference reference, registry::RegistryClient& registry)
        : reference_(std::move(reference)), registry_(registry) {}

    RegistryTarget(const RegistryTarget&) = delete;
    RegistryTarget& operator=(const RegistryTarget&) = delete;
    RegistryTarget(RegistryTarget&&) = delete;
    RegistryTarget& operator=(RegistryTarget&&) = delete;

    ~RegistryTarget() override { cancel_sessions(); }

    std::string name() const override { return reference_.familiar(); }

    std::string repository_name() const override { return reference_.repository().familiar(); }

    std::optional<std::string> wanted_name() const override { return reference_.tag(); }

    std::optional<model::Digest> wanted_digest() const override { return reference_.digest(); }

    std::optional<model::Repository> repository() const override { return reference_.repository(); }

    int max_parallel_blobs() const noexcept override { return kMaxParallelBlobs; }

    std::optional<model::Descriptor> current(std::string_view name, std::stop_token stop) override {
        auto found = registry_.current(reference_.with_tag(name), std::move(stop));
        remember(std::string(name), found ? std::optional(found->digest) : std::nullopt);
        return found;
    }

    std::vector<bool> have_blobs(std::span<const model::Descriptor> blobs,
                                 std::stop_token stop) override {
        return present(
            registry_.blob_heads(reference_.repository(), digests_of(blobs), std::move(stop)),
            blobs);
    }

    std::vector<bool> have_manifests(std::span<const model::Descriptor> manifests,
                                     std::stop_token stop) override {
        return present(registry_.manifest_heads(reference_.repository(), digests_of(manifests),
                                                std::move(stop)),
                       manifests);
    }

    bool try_mount(const model::Descriptor& blob,
                   const model::Repository& from,
                   std::stop_token stop) override {
        if (from.registry() != reference_.registry()) {
            return false;  // MNT-05
        }
        registry::MountAnswer answer =
            registry_.mount_blob(from, reference_.repository(), blob.digest, std::move(stop));
        if (answer.session) {
            keep(blob.digest, std::move(*answer.session));
        }
        return answer.mounted;
    }

    void put_blob(const model::Descriptor& blob,
                  const BlobReader& read,
                  std::stop_token stop,
                  const BytesArrived& arrived) override {
        registry_.put_blob(reference_.repository(), blob.digest, blob.size, read, std::move(stop),
                           arrived, take(blob.digest));
    }

    void put_manifest(const model::Manifest& manifest,
                      const std::optional<std::string>& name,
                      std::stop_token stop) override {
        const model::Reference place =
            name ? reference_.with_tag(*name) : reference_.with_digest(manifest.digest());
        registry_.put_manifest(place, manifest, std::move(stop),
                               name ? last_seen(*name) : std::nullopt);
        if (name) {
            remember(*name, manifest.digest());
        }
    }

    void finish(std::stop_token /*stop*/) override { cancel_sessions(); }

  private:
    using Tags = std::map<std::string, std::optional<model::Digest>>;

    void remember(const std::string& tag, const std::optional<model::Digest>& digest) {
        tags_.with([&](Tags& tags) { tags.insert_or_assign(tag, digest); });
    }

    std::optional<registry::TagBefore> last_seen(const std::string& tag) {
        return tags_.with([&](const Tags& tags) -> std::optional<registry::TagBefore> {
            const auto found = tags.find(tag);
            return found != tags.end() ? std::optional(registry::TagBefore{found->second})
                                       : std::nullopt;
        });
    }

    using Sessions = std::map<model::Digest, registry::UploadSession>;

    /// A mount that was declined has opened an upload, which serves put_blob (MNT-02).
    void keep(const model::Digest& digest, registry::UploadSession session) {
        auto surplus =
            sessions_.with([&](Sessions& sessions) -> std::optional<registry::UploadSession> {
                if (sessions.emplace(digest, session).second) {
                    return std::nullopt;
                }
                return session;
            });
        if (surplus) {
            registry_.cancel_upload(reference_.repository(), *surplus);
        }
    }

    std::optional<registry::UploadSession> take(const model::Digest& digest) {
        return sessions_.with([&](Sessions& sessions) -> std::optional<registry::UploadSession> {
            auto node = sessions.extract(digest);
            return node ? std::optional(std::move(node.mapped())) : std::nullopt;
        });
    }

    void cancel_sessions() noexcept {
        const Sessions left =
            sessions_.with([](Sessions& sessions) { return std::exchange(sessions, {}); });
        for (const auto& [digest, session] : left) {
            registry_.cancel_upload(reference_.repository(), session);
        }
    }

    model::Reference reference_;
    registry::RegistryClient& registry_;
    base::Guarded<Sessions> sessions_;
    base::Guarded<Tags> tags_;  ///< what each stood for when it was last looked at or put
};

}  // namespace

std::unique_ptr<ImageTarget> make_registry_target(model::Reference reference,
                                                  registry::RegistryClient& registry) {
    return std::make_unique<RegistryTarget>(std::move(reference), registry);
}

}  // namespace regtool::store
