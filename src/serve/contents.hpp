#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "regtool/base/guarded.hpp"
#include "regtool/base/log.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/model/manifest.hpp"
#include "serve/storage.hpp"

namespace regtool::serve {

/// What is needed of a manifest to list it and to know what it holds on to.
struct ManifestFacts {
    std::string media_type;
    std::uint64_t size = 0;                   ///< bytes
    std::vector<model::Descriptor> children;  ///< of an index
    std::vector<model::Digest> blobs;         ///< config and layers of an image
    std::optional<model::Digest> subject;
    std::string artifact_type;  ///< of a referrer: its own, else its config's type
    model::Annotations annotations;
};

struct Repository {
    /// Tag to manifest, in the order of the specification's listing.
    std::map<std::string, model::Descriptor> tags;
    /// Every manifest that can be had by its digest: those with an entry, and all below them.
    /// Facts are null where its bytes are missing or broken.
    std::map<model::Digest, std::shared_ptr<const ManifestFacts>> manifests;
};

/// index.json understood: repositories by name.
using Repositories = std::map<std::string, Repository>;

/// The layout's manifests as a registry sees them, read anew when index.json has changed.
/// Thread-safe.
class Contents {
  public:
    /// Borrows both, which must outlive it.
    Contents(Storage& storage, std::string default_repository, base::Log& log);

    /// A snapshot; it stays as it is while somebody holds it.
    [[nodiscard]] std::shared_ptr<const Repositories> now();

    /// A manifest's bytes, verified; nullopt when missing, broken or larger than a manifest may be.
    [[nodiscard]] std::optional<std::string> manifest_bytes(const model::Digest& digest) const;

    [[nodiscard]] const std::string& default_repository() const noexcept {
        return default_repository_;
    }

  private:
    using FactsByDigest = std::map<model::Digest, std::shared_ptr<const ManifestFacts>>;

    struct State {
        std::string stamp;
        std::shared_ptr<const Repositories> repositories;
        /// A change of index.json reads only manifests that are new.
        FactsByDigest facts;
    };

    [[nodiscard]] std::shared_ptr<const Repositories> build(const std::string& text,
                                                            const FactsByDigest& known,
                                                            FactsByDigest& facts) const;
    [[nodiscard]] std::shared_ptr<const ManifestFacts> read(const model::Digest& digest,
                                                            const std::string& media_type) const;
    void add_manifest(Repository& repository,
                      const model::Descriptor& top,
                      const FactsByDigest& known,
                      FactsByDigest& facts) const;

    Storage& storage_;
    std::string default_repository_;
    base::Log& log_;
    base::Guarded<State> state_;
};

/// What a manifest says about itself. Throws InvalidDocument, IntegrityError.
[[nodiscard]] ManifestFacts read_facts(const model::Manifest& manifest);

/// The first manifest of any repository that holds on to a blob or manifest, as
/// "REPOSITORY@DIGEST"; nullopt when nothing does.
[[nodiscard]] std::optional<std::string> holder_of(const Repositories& repositories,
                                                   const model::Digest& digest);

}  // namespace regtool::serve
