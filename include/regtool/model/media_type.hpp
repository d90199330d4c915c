#pragma once

#include <string>
#include <string_view>

namespace regtool::model {

namespace media_type {
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kOciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view kOciEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayerGzip =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";
inline constexpr std::string_view kDockerSchema1 =
    "application/vnd.docker.distribution.manifest.v1+json";
inline constexpr std::string_view kDockerSchema1Signed =
    "application/vnd.docker.distribution.manifest.v1+prettyjws";
inline constexpr std::string_view kOciArtifact = "application/vnd.oci.artifact.manifest.v1+json";
}  // namespace media_type

/// What regtool does with content of a media type.
enum class MediaKind { index, manifest, config, layer, foreign_layer, empty, schema1, opaque };

/// Parameters and letter case are ignored.
[[nodiscard]] MediaKind kind_of(std::string_view media_type);
/// Lower-case, without parameters and blanks: "Application/JSON; charset=utf-8" ->
/// "application/json".
[[nodiscard]] std::string essence(std::string_view media_type);
/// RFC 6838 §4.2 `type/subtype` (MED-33).
[[nodiscard]] bool is_valid_media_type(std::string_view text) noexcept;
/// The one Accept line of every manifest request (MAN-01), lasting the whole program.
[[nodiscard]] std::string_view manifest_accept_header() noexcept;
/// Whether layers of this type may be unpacked; encrypted and erofs layers are not.
[[nodiscard]] bool is_tar_layer(std::string_view media_type);

}  // namespace regtool::model
