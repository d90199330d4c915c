#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/manifest.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/stream/source.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::store {

/// Told about bytes as they arrive; called from the thread that transfers, must be cheap.
using BytesArrived = std::function<void(std::uint64_t bytes)>;

/// One place that holds an image, opened for one IMAGE argument: a repository of a registry, a
/// layout folder, an archive. Every method is thread-safe. Bytes are verified against the digest
/// they were asked by.
class ImageStore {
  public:
    ImageStore() = default;
    virtual ~ImageStore() = default;
    ImageStore(const ImageStore&) = delete;
    ImageStore& operator=(const ImageStore&) = delete;
    ImageStore(ImageStore&&) = delete;
    ImageStore& operator=(ImageStore&&) = delete;

    /// The IMAGE as the user would write it, for messages.
    [[nodiscard]] virtual std::string name() const = 0;
    /// The repository, folder or file alone: what a digest can be appended to.
    [[nodiscard]] virtual std::string repository_name() const = 0;
    /// The digest that the IMAGE names by itself (REPO@DIGEST), if it does.
    [[nodiscard]] virtual std::optional<model::Digest> named_digest() const = 0;
    /// The manifest that the IMAGE names. Throws NotFound.
    [[nodiscard]] virtual model::Manifest root(std::stop_token stop) = 0;
    /// What the IMAGE resolves to, without its bytes where the store can. Throws NotFound.
    [[nodiscard]] virtual model::Descriptor resolve(std::stop_token stop) = 0;
    /// The names that the place has for images, in its order: a registry's tags, those of a layout
    /// or an archive ("@N" for an image in an archive that has none). None by default.
    [[nodiscard]] virtual std::vector<std::string> names(std::stop_token stop);
    /// The same place, opened for one of its names. Shares what was read already; may outlive this
    /// store. Throws UsageError where names() knows none.
    [[nodiscard]] virtual std::unique_ptr<ImageStore> named(const std::string& name) const;
    /// A child named by a descriptor. Throws NotFound.
    [[nodiscard]] virtual model::Manifest manifest(const model::Descriptor& descriptor,
                                                   std::stop_token stop) = 0;

    /// A manifest of which no more than the digest is known. Throws NotFound, which is all that it
    /// does by default.
    [[nodiscard]] virtual model::Manifest manifest_of(const model::Digest& digest,
                                                      std::stop_token stop);

    /// What is there that names the manifest as its subject; `artifact_type` empty: all. The place
    /// claims it: whoever relies on one reads it (T-42). None by default.
    [[nodiscard]] virtual std::vector<model::Descriptor> referrers(const model::Digest& subject,
                                                                   std::string_view artifact_type,
                                                                   std::stop_token stop);

    /// The size in bytes when the blob is there, nullopt when it is not; unknown size is reported
    /// as 0 with `known` false.
    struct BlobInfo {
        bool size_known = false;
        std::uint64_t size = 0;
        std::string media_type;
    };

    [[nodiscard]] virtual std::optional<BlobInfo> blob_info(const model::Digest& digest,
                                                            std::stop_token stop) = 0;
    /// Streams the whole blob, verified, on the calling thread; returns its number of bytes.
    /// `held`, if not null, are its first bytes, which `sink` has already: they are hashed and left
    /// out. Throws NotFound, IntegrityError.
    virtual std::uint64_t fetch_blob(const stream::Expectation& expected,
                                     stream::Sink& sink,
                                     std::stop_token stop,
                                     const BytesArrived& arrived,
                                     stream::Source* held) = 0;
    /// The same to pull from; the end is reported only when verified.
    [[nodiscard]] virtual std::unique_ptr<stream::Source> open_blob(
        const stream::Expectation& expected, const BytesArrived& arrived) = 0;
    /// `count` bytes of a blob from `first` on, which nobody has verified: the caller has something
    /// to check them by (BLB-12). Throws NotFound, RegistryError where parts cannot be had.
    virtual void fetch_blob_range(const model::Digest& digest,
                                  std::uint64_t first,
                                  std::uint64_t count,
                                  stream::Sink& sink,
                                  std::stop_token stop) = 0;

    /// The repository behind it, for mounting; nullopt for what is no registry.
    [[nodiscard]] virtual std::optional<model::Repository> repository() const = 0;
};

}  // namespace regtool::store
