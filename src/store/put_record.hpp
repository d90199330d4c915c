#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "regtool/model/manifest.hpp"

namespace regtool::store {

/// Remembers the manifests that were put into a folder or archive, until its list is written.
/// Thread-safe.
class PutRecord {
  public:
    /// A manifest that the list must show.
    struct Listed {
        model::Descriptor descriptor;
        std::optional<std::string> name;
    };

    void add(const model::Manifest& manifest, const std::optional<std::string>& name);
    /// A manifest that was there already: its children are no roots.
    void add_present(const model::Manifest& manifest);

    /// Those with names as they were put, then those that nothing put here is the parent of, by
    /// digest: the order does not depend on which thread was first.
    [[nodiscard]] std::vector<Listed> listed() const;

  private:
    mutable std::mutex mutex_;
    std::vector<Listed> put_;
    std::set<model::Digest> children_;
};

}  // namespace regtool::store
