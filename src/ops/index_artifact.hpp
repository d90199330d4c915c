#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regtool/model/descriptor.hpp"
#include "regtool/model/manifest.hpp"

namespace regtool::ops {

/// Type of the artifact that holds the indexes of an image's layers, and of each index in it, whose
/// form is that of layer::write_layer_index().
inline constexpr std::string_view kLayerIndexType = "application/vnd.regtool.layer-index.v1";
/// Annotation of an index in the artifact: the digest of its layer.
inline constexpr const char* kIndexedLayer = "vnd.regtool.layer-index.layer";

/// The index of one layer as a blob.
struct IndexBlob {
    model::Digest layer;
    model::Digest digest;
    std::uint64_t size = 0;  ///< bytes
};

/// One artifact for all layers, about the image as its subject; its configuration is kEmptyConfig.
/// The same indexes give the same bytes.
[[nodiscard]] model::Manifest make_index_artifact(const model::Descriptor& image,
                                                  const std::vector<IndexBlob>& indexes);
/// The index of a layer in such an artifact; nullptr when it has none, is about something else than
/// `image`, or is no such artifact (T-42).
[[nodiscard]] const model::Descriptor* index_in_artifact(const model::Manifest& artifact,
                                                         const model::Digest& image,
                                                         const model::Digest& layer);
/// The blob of this type in an artifact whose annotation has the layer's digest; nullptr when there
/// is none.
[[nodiscard]] const model::Descriptor* blob_about_layer(const model::ImageManifest& artifact,
                                                        std::string_view type,
                                                        const char* annotation,
                                                        const model::Digest& layer);

}  // namespace regtool::ops
