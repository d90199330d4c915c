#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace regtool::layer {

/// Where a layer has its table of contents, in stored bytes of the layer. A claim: what is read
/// there counts only when it hashes to what the manifest says.
struct TocPlace {
    enum class Form {
        estargz,         ///< a tar in gzip members, stargz.index.json its first entry
        external,        ///< eStargz whose table is in an image of its own
        zstd_skippable,  ///< a zstd frame inside a skippable one
    };

    Form form = Form::estargz;
    std::uint64_t first = 0;     ///< its first packed byte; of no meaning for `external`
    std::uint64_t count = 0;     ///< its packed bytes; of no meaning for `external`
    std::uint64_t data_end = 0;  ///< where files' packed bytes have ended

    [[nodiscard]] bool operator==(const TocPlace&) const = default;
};

/// A table larger than this, packed or not, is refused, as containers/storage does.
inline constexpr std::uint64_t kMaxTocBytes = std::uint64_t{150} << 20;

/// Enough of a layer's end for each kind of footer.
inline constexpr std::size_t kMaxFooterBytes = 72;

/// What the footer at the end of a layer of `layer_bytes` says; `tail` are its last bytes, the
/// whole layer or at least kMaxFooterBytes. Known: eStargz (stargz-snapshotter docs/estargz.md, 51
/// bytes), its form from before (47 bytes) and with the table elsewhere (46 bytes), zstd:chunked as
/// containers/storage (64 bytes) and stargz-snapshotter (40 bytes) write it. nullopt when there is
/// none, or one that points out of the layer or at more than kMaxTocBytes.
[[nodiscard]] std::optional<TocPlace> find_toc(std::string_view tail, std::uint64_t layer_bytes);

/// The same from zstd:chunked's annotation `manifest-position`:
/// "offset:length:uncompressed-length:type".
[[nodiscard]] std::optional<TocPlace> parse_toc_position(std::string_view text,
                                                         std::uint64_t layer_bytes);

}  // namespace regtool::layer
