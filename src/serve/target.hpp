#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regtool::serve {

/// The endpoints of distribution-spec, "Endpoints", and Docker's catalog.
enum class Endpoint { base, catalog, tags, manifest, blob, uploads, upload, referrers };

/// A request's path and query, taken apart.
struct Target {
    Endpoint endpoint = Endpoint::base;
    std::string repository;  ///< valid by the specification's grammar; empty for base and catalog
    std::string item;        ///< tag, digest or upload as it was written, not yet checked
    std::vector<std::pair<std::string, std::string>> query;

    /// The first value of a parameter.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Longest path and query that is looked at, in bytes.
inline constexpr std::size_t kMaxTargetBytes = 8192;

/// Throws Refusal: 404 for a path that is no endpoint, 400 NAME_INVALID for a name that breaks the
/// grammar, 400 for broken percent-encoding, 414 when too long.
[[nodiscard]] Target parse_target(std::string_view text);

}  // namespace regtool::serve
