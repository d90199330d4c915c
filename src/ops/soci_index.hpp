#pragma once

#include <optional>
#include <string_view>

#include "regtool/model/descriptor.hpp"
#include "regtool/model/manifest.hpp"

namespace regtool::ops {

// SOCI's index of an image is a manifest with a zTOC for each of its large layers
// (awslabs/soci-snapshotter soci/soci_index.go). In its first version the image is its subject, in
// its second an annotation of the image's manifest has its digest.

/// Artifact type of the first version; SOCI writes it as the type of the configuration.
inline constexpr std::string_view kSociReferrerType = "application/vnd.amazon.soci.index.v1+json";

/// The index that an image's manifest names, and so vouches for.
[[nodiscard]] std::optional<model::Digest> soci_index_of(const model::ImageManifest& image);
/// Whether it is an index of the first version about this image (T-42).
[[nodiscard]] bool is_soci_index_about(const model::Manifest& index, const model::Digest& image);
/// The zTOC of a layer; nullptr when the index has none.
[[nodiscard]] const model::Descriptor* ztoc_in_index(const model::Manifest& index,
                                                     const model::Digest& layer);

}  // namespace regtool::ops
