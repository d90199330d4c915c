#pragma once

#include <cstdint>
#include <string_view>

#include "regtool/layer/layer_index.hpp"
#include "regtool/model/digest.hpp"

namespace regtool::layer {

/// Spans are held in memory until they are verified, so that larger ones are refused. SOCI's own
/// are what 4 MiB pack to.
inline constexpr std::uint64_t kMaxSpanBytes = std::uint64_t{16} << 20;

/// Reads a zTOC, which SOCI keeps beside a gzip or uncompressed layer (awslabs/soci-snapshotter,
/// ztoc/fbs/ztoc.fbs, ztoc/compression/gzip_zinfo.c and fbs/zinfo.fbs): the layer's entries, and
/// spans of it that can be unpacked and verified by themselves. A zTOC does not name its layer: it
/// is for the caller to know that `layer` is the one. Checks form and bounds, not whether it tells
/// the truth. Throws InvalidDocument for anything that cannot be relied on for each entry and each
/// byte of such a layer: offsets out of it, spans or entries that are not in order, a span without
/// a SHA-256 or of more than kMaxSpanBytes, sparse files (their places are not what it says),
/// unknown types, times that are none, names that are too long, more than LayerLimits allow.
[[nodiscard]] LayerIndex read_ztoc(std::string_view bytes,
                                   const model::Digest& layer,
                                   std::uint64_t layer_bytes);

}  // namespace regtool::layer
