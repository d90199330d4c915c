#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/model/reference.hpp"
#include "regtool/ops/retag_report.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::ops {

struct RetagOptions {
    std::optional<model::Digest> if_digest;  ///< the source must still be at this digest
    bool no_clobber = false;
};

/// Puts the manifest's very bytes under each target in the same registry. A target in another
/// repository first gets the image's blobs by mounting and its child manifests. All targets are
/// checked before the first is changed. Throws PreconditionError for --if-digest and --no-clobber,
/// UsageError for a target in another registry.
[[nodiscard]] RetagReport retag(registry::RegistryClient& registry,
                                const model::Reference& source,
                                const std::vector<model::Reference>& targets,
                                const RetagOptions& options,
                                std::stop_token stop);

/// A target as typed: a bare tag of the source's repository, or a whole reference.
[[nodiscard]] model::Reference parse_retag_target(const model::Reference& source,
                                                  std::string_view text);

}  // namespace regtool::ops
