#pragma once

#include <stop_token>

#include "regtool/base/clock.hpp"
#include "regtool/ops/delete_report.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::ops {

/// Deletes a manifest with all its tags. First plan(), which only reads, then, when what it says
/// was agreed to, run().
class ManifestDeletion {
  public:
    /// `registry` must outlive it, and read from the place that is changed, not from mirrors.
    ManifestDeletion(registry::RegistryClient& registry, model::Reference reference);

    /// Resolves the reference and finds everything that goes with it (DEL-03). Throws NotFound.
    [[nodiscard]] DeleteReport plan(std::stop_token stop);
    /// Deletes what plan() has found, by its digest, whatever the tag stands for by now.
    [[nodiscard]] DeleteReport run(std::stop_token stop);

  private:
    void find_tags(const std::stop_token& stop);
    void find_referrers(const std::stop_token& stop);
    void look_into(const std::string& tag,
                   const model::Descriptor& at,
                   const std::stop_token& stop);

    registry::RegistryClient& registry_;
    model::Reference reference_;
    std::optional<model::Manifest> manifest_;
    DeleteReport report_;
};

/// How a tag is taken from an image.
enum class Untagging {
    plain,     ///< DELETE of the tag; refused where the registry cannot (DEL-02)
    by_dummy,  ///< the tag is moved to an empty manifest of its own, which is deleted (DEL-04)
};

/// Removes a tag alone: the manifest and its other tags stay. `reference` must have a tag and no
/// digest. Throws NotFound; RegistryError where the registry deletes no tags. A failed by_dummy
/// moves the tag back.
[[nodiscard]] DeleteReport untag(registry::RegistryClient& registry,
                                 base::Random& random,
                                 const model::Reference& reference,
                                 Untagging how,
                                 std::stop_token stop);

}  // namespace regtool::ops
