#pragma once

#include <map>
#include <memory>
#include <string>

#include "regtool/base/fd.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// A store with blobs and manifests of our own making on top: what was added here is read from
/// here, everything else from the store below. No repository of a registry: what is new cannot be
/// mounted. Thread-safe.
class OverlayStore final : public store::ImageStore {
  public:
    explicit OverlayStore(std::shared_ptr<store::ImageStore> below) : below_(std::move(below)) {}

    /// `file` holds the blob from its first byte to its last.
    void add_blob(const model::Digest& digest, base::UniqueFd file);
    void add_manifest(const model::Manifest& manifest);

    [[nodiscard]] std::string name() const override { return below_->name(); }

    [[nodiscard]] std::string repository_name() const override { return below_->repository_name(); }

    [[nodiscard]] std::optional<model::Digest> named_digest() const override {
        return below_->named_digest();
    }

    [[nodiscard]] model::Manifest root(std::stop_token stop) override;
    [[nodiscard]] model::Descriptor resolve(std::stop_token stop) override;
    [[nodiscard]] model::Manifest manifest(const model::Descriptor& descriptor,
                                           std::stop_token stop) override;
    [[nodiscard]] std::optional<BlobInfo> blob_info(const model::Digest& digest,
                                                    std::stop_token stop) override;
    std::uint64_t fetch_blob(const stream::Expectation& expected,
                             stream::Sink& sink,
                             std::stop_token stop,
                             const store::BytesArrived& arrived,
                             stream::Source* held) override;
    [[nodiscard]] std::unique_ptr<stream::Source> open_blob(
        const stream::Expectation& expected, const store::BytesArrived& arrived) override;
    void fetch_blob_range(const model::Digest& digest,
                          std::uint64_t first,
                          std::uint64_t count,
                          stream::Sink& sink,
                          std::stop_token stop) override;

    [[nodiscard]] std::optional<model::Repository> repository() const override {
        return std::nullopt;
    }

  private:
    /// -1 when the blob is not ours. Files stay open as long as this lives.
    [[nodiscard]] int file_of(const model::Digest& digest) const;

    std::shared_ptr<store::ImageStore> below_;
    base::Guarded<std::map<model::Digest, base::UniqueFd>> blobs_;
    base::Guarded<std::map<model::Digest, model::Manifest>> manifests_;
};

}  // namespace regtool::ops
