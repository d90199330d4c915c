#include "ops/media_type_change.hpp"

#include <algorithm>
#include <array>

#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::ops {

namespace {

namespace type = model::media_type;

struct Pair {
    std::string_view oci;
    std::string_view docker;
};

constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
constexpr std::string_view kDockerForeign = "application/vnd.docker.image.rootfs.foreign.diff.tar";
constexpr std::string_view kOciForeign = "application/vnd.oci.image.layer.nondistributable.v1.tar";
constexpr std::string_view kOciForeignGzip =
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
constexpr std::string_view kDockerForeignGzip =
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
constexpr std::string_view kDockerLayerZstd = "application/vnd.docker.image.rootfs.diff.tar.zstd";

constexpr std::array kPairs{
    Pair{type::kOciIndex, type::kDockerList},
    Pair{type::kOciManifest, type::kDockerManifest},
    Pair{type::kOciConfig, type::kDockerConfig},
    Pair{type::kOciLayer, kDockerLayer},
    Pair{type::kOciLayerGzip, type::kDockerLayerGzip},
    Pair{type::kOciLayerZstd, kDockerLayerZstd},
    Pair{kOciForeign, kDockerForeign},
    Pair{kOciForeignGzip, kDockerForeignGzip},
};

}  // namespace

std::string media_type_in(ManifestFormat format, std::string_view media_type) {
    const std::string name = model::essence(media_type);
    const auto* pair = std::find_if(kPairs.begin(), kPairs.end(), [&name](const Pair& entry) {
        return name == entry.oci || name == entry.docker;
    });
    if (pair == kPairs.end()) {
        return std::string(media_type);
    }
    if (format == ManifestFormat::docker && pair->oci == type::kOciLayerZstd) {
        base::UsageError error("Docker's format has no zstd layers that its tools agree on");
        error.set_hint("add --compress gzip, or use --manifest-format oci");
        throw error;
    }
    return std::string(format == ManifestFormat::oci ? pair->oci : pair->docker);
}

ManifestFormat format_of(std::string_view manifest_type) {
    return model::essence(manifest_type).starts_with("application/vnd.docker.")
               ? ManifestFormat::docker
               : ManifestFormat::oci;
}

std::string layer_type(ManifestFormat format, stream::Compression compression) {
    switch (compression) {
        case stream::Compression::gzip:
            return media_type_in(format, type::kOciLayerGzip);
        case stream::Compression::zstd:
            return media_type_in(format, type::kOciLayerZstd);
        case stream::Compression::none:
            break;
    }
    return media_type_in(format, type::kOciLayer);
}

stream::Compression compression_of(std::string_view layer_type) {
    const std::string name = model::essence(layer_type);
    if (name.ends_with("gzip")) {
        return stream::Compression::gzip;
    }
    return name.ends_with("zstd") ? stream::Compression::zstd : stream::Compression::none;
}

}  // namespace regtool::ops
