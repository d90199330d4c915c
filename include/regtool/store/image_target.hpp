#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/manifest.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::store {

/// Opens a blob's bytes from `first` on, anew for each attempt: an upload that broke reads them
/// again, and one that the other side kept a part of reads the rest. Bytes read from 0 to the end
/// are verified by the source.
using BlobReader = std::function<std::unique_ptr<stream::Source>(std::uint64_t first)>;

/// One place that images are put into, opened for one destination argument: a repository of a
/// registry, a layout folder, an archive. The order is blobs, then manifests children first, then
/// finish(). No name stands for anything new before put_manifest() gave it one (registry) or
/// finish() returned (folders and archives); a target destroyed without finish() leaves under its
/// names what was there before. Every method but finish() is thread-safe.
class ImageTarget {
  public:
    ImageTarget() = default;
    virtual ~ImageTarget() = default;
    ImageTarget(const ImageTarget&) = delete;
    ImageTarget& operator=(const ImageTarget&) = delete;
    ImageTarget(ImageTarget&&) = delete;
    ImageTarget& operator=(ImageTarget&&) = delete;

    /// As the user would write it, for messages.
    [[nodiscard]] virtual std::string name() const = 0;
    /// The repository, folder or file alone: what a digest can be appended to.
    [[nodiscard]] virtual std::string repository_name() const = 0;
    /// The name (tag) that the destination argument gives; nullopt when it gives a digest or none.
    [[nodiscard]] virtual std::optional<std::string> wanted_name() const = 0;
    /// The digest that the destination argument names: what is put must hash to it (REF-05).
    [[nodiscard]] virtual std::optional<model::Digest> wanted_digest() const = 0;
    /// The repository behind it, for mounting; nullopt for what is no registry.
    [[nodiscard]] virtual std::optional<model::Repository> repository() const = 0;
    /// How many blobs may be moved at once: 1 for archives.
    [[nodiscard]] virtual int max_parallel_blobs() const noexcept = 0;

    /// Asked with what a copy begins with, before anything is moved: throws UsageError where a
    /// place of this kind cannot hold it. By default everything goes.
    virtual void check_root(const model::Manifest& root) const;

    /// What a name stands for now; nullopt when nothing has it.
    [[nodiscard]] virtual std::optional<model::Descriptor> current(std::string_view name,
                                                                   std::stop_token stop) = 0;
    /// Which of these are there already, whole: one answer for each, in order. Registries are asked
    /// side by side; folders hash what they have again (T-38).
    [[nodiscard]] virtual std::vector<bool> have_blobs(std::span<const model::Descriptor> blobs,
                                                       std::stop_token stop) = 0;
    [[nodiscard]] virtual std::vector<bool> have_manifests(
        std::span<const model::Descriptor> manifests, std::stop_token stop) = 0;
    /// Takes a blob over from another repository of the same registry without moving bytes. False
    /// when it cannot be done so, as by default.
    [[nodiscard]] virtual bool try_mount(const model::Descriptor& blob,
                                         const model::Repository& from,
                                         std::stop_token stop);
    /// Puts a blob; nothing of it is to be seen under its digest before all of it was verified.
    /// `arrived` hears of bytes that were taken. Throws IntegrityError and the errors of both
    /// sides.
    virtual void put_blob(const model::Descriptor& blob,
                          const BlobReader& read,
                          std::stop_token stop,
                          const BytesArrived& arrived) = 0;
    /// Puts a manifest's very bytes, under its digest or (registry: at once; else: at finish())
    /// under a name.
    virtual void put_manifest(const model::Manifest& manifest,
                              const std::optional<std::string>& name,
                              std::stop_token stop) = 0;
    /// Makes all of it visible. Nothing may be put afterwards.
    virtual void finish(std::stop_token stop) = 0;
};

}  // namespace regtool::store
