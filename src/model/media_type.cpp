#include "regtool/model/media_type.hpp"

#include <algorithm>
#include <array>

#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

struct Known {
    std::string_view name;
    MediaKind kind;
};

constexpr std::array kKnown{
    Known{media_type::kOciIndex, MediaKind::index},
    Known{media_type::kDockerList, MediaKind::index},
    Known{media_type::kOciManifest, MediaKind::manifest},
    Known{media_type::kDockerManifest, MediaKind::manifest},
    Known{media_type::kOciConfig, MediaKind::config},
    Known{media_type::kDockerConfig, MediaKind::config},
    Known{media_type::kOciLayer, MediaKind::layer},
    Known{media_type::kOciLayerGzip, MediaKind::layer},
    Known{media_type::kOciLayerZstd, MediaKind::layer},
    Known{media_type::kDockerLayerGzip, MediaKind::layer},
    Known{"application/vnd.docker.image.rootfs.diff.tar", MediaKind::layer},
    Known{"application/vnd.docker.image.rootfs.diff.tar.zstd", MediaKind::layer},
    Known{"application/vnd.oci.image.layer.nondistributable.v1.tar", MediaKind::foreign_layer},
    Known{"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", MediaKind::foreign_layer},
    Known{"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", MediaKind::foreign_layer},
    Known{"application/vnd.docker.image.rootfs.foreign.diff.tar", MediaKind::foreign_layer},
    Known{"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", MediaKind::foreign_layer},
    Known{media_type::kOciEmpty, MediaKind::empty},
    Known{media_type::kDockerSchema1, MediaKind::schema1},
    Known{media_type::kDockerSchema1Signed, MediaKind::schema1},
};

/// RFC 6838 §4.2 restricted-name.
bool is_restricted_name(std::string_view text) {
    constexpr std::size_t kLongest = 127;
    const auto alnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && text.size() <= kLongest && alnum(text.front()) &&
           std::all_of(text.begin(), text.end(), [alnum](char c) {
               return alnum(c) || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
           });
}

}  // namespace

MediaKind kind_of(std::string_view media_type) {
    const std::string name = essence(media_type);
    const auto* found = std::find_if(kKnown.begin(), kKnown.end(),
                                     [&name](const Known& known) { return known.name == name; });
    return found == kKnown.end() ? MediaKind::opaque : found->kind;
}

std::string essence(std::string_view media_type) {
    return base::to_lower(base::trim(media_type.substr(0, media_type.find(';'))));
}

bool is_valid_media_type(std::string_view text) noexcept {
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && is_restricted_name(text.substr(0, slash)) &&
           is_restricted_name(text.substr(slash + 1));
}

std::string_view manifest_accept_header() noexcept {
    return "application/vnd.oci.image.index.v1+json,application/vnd.oci.image.manifest.v1+json,"
           "application/vnd.docker.distribution.manifest.list.v2+json,"
           "application/vnd.docker.distribution.manifest.v2+json,application/"
           "vnd.oci.artifact.manifest.v1+json,"
           "*/*;q=0.1";
}

bool is_tar_layer(std::string_view media_type) {
    const MediaKind kind = kind_of(media_type);
    if (kind == MediaKind::layer || kind == MediaKind::foreign_layer) {
        return true;
    }
    // Other tools' names for tars (Helm charts, ORAS): whatever ends like one and is not encrypted.
    const std::string name = essence(media_type);
    return name.ends_with(".tar") || name.ends_with("+tar") || name.ends_with(".tar+gzip") ||
           name.ends_with(".tar.gzip") || name.ends_with(".tar+zstd") || name.ends_with("tar+gzip");
}

}  // namespace regtool::model
