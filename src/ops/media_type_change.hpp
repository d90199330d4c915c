#pragma once

#include <string>
#include <string_view>

#include "regtool/ops/image_converter.hpp"

namespace regtool::ops {

/// The name that a manifest, index, configuration or layer type of one format has in the other
/// (image-spec media-types.md, "Compatibility Matrix"); what both share, and what neither knows,
/// stays. Throws UsageError for layers that Docker's format has no common name for.
[[nodiscard]] std::string media_type_in(ManifestFormat format, std::string_view media_type);

/// The format that a manifest or index type belongs to.
[[nodiscard]] ManifestFormat format_of(std::string_view manifest_type);

/// The layer type for a compression in a format.
[[nodiscard]] std::string layer_type(ManifestFormat format, stream::Compression compression);

/// What a layer type says of the compression.
[[nodiscard]] stream::Compression compression_of(std::string_view layer_type);

}  // namespace regtool::ops
