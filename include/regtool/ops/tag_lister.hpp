#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "regtool/model/reference.hpp"
#include "regtool/ops/tags_report.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

enum class TagOrder { registry, name, semver, created };

struct TagQuery {
    std::optional<std::uint64_t> limit;
    std::string last;
    std::string filter;  ///< POSIX extended regular expression
    std::string semver;  ///< range such as ">=1.2 <2", "^1.4", "~1.4.2", "1.x"
    TagOrder order = TagOrder::registry;
    bool details = false;
    std::optional<model::Digest> points_at;
    int jobs = 6;
};

/// Lists tags; `row` hears them as pages arrive when no order and no details are asked for, in the
/// end otherwise. Throws UsageError for a malformed filter or range.
void list_tags(registry::RegistryClient& registry,
               const model::Repository& repository,
               const TagQuery& query,
               const std::function<void(const TagRow&)>& row,
               std::stop_token stop);

/// The same for the names of a layout or an archive, in its own order.
void list_names(store::ImageStore& place,
                const TagQuery& query,
                const std::function<void(const TagRow&)>& row,
                std::stop_token stop);

}  // namespace regtool::ops
