#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "regtool/layer/layer_table.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::layer {

/// A piece of a file, and where in the layer it is stored.
struct TocChunk {
    std::uint64_t packed = 0;      ///< stored byte with which its gzip member or zstd frame begins
    std::uint64_t packed_end = 0;  ///< stored bytes from here on have nothing of it
    std::uint64_t inner = 0;       ///< what the member unpacks to before it, in bytes
    std::uint64_t bytes = 0;       ///< of the file, never 0
    bool zeros = false;            ///< a hole: nothing needs to be fetched, and `hash` says nothing
    std::array<std::byte, 32> hash{};  ///< SHA-256 of its bytes
};

/// A layer's own table of contents: its entries, and for each file where its bytes are and what
/// they hash to. Filled by one thread; const use is thread-safe.
class LayerToc {
  public:
    [[nodiscard]] const std::shared_ptr<const LayerTable>& table() const noexcept { return table_; }

    /// The pieces of one entry, first one first; none for what has no content. `entry` <
    /// table()->size().
    [[nodiscard]] std::span<const TocChunk> chunks(std::size_t entry) const;

    /// Where the packed bytes of files end.
    [[nodiscard]] std::uint64_t data_end() const noexcept { return data_end_; }

  private:
    friend class TocBuilder;

    std::shared_ptr<const LayerTable> table_;
    std::vector<TocChunk> chunks_;
    std::vector<std::uint32_t> first_chunk_;  ///< of each entry, and one past the last
    std::uint64_t data_end_ = 0;
};

/// One file that a table of contents does not speak of: itself.
struct TocOwnFile {
    Entry entry;
    TocChunk content;
};

/// Reads the JSON that eStargz and both forms of zstd:chunked have (stargz-snapshotter
/// docs/estargz.md; containers/storage pkg/chunked/internal/minimal). `data_end`: packed bytes of
/// files end there. `own`, where given, becomes the last entry. Throws InvalidDocument for anything
/// that cannot be relied on for each entry and each byte of the layer: offsets out of the layer,
/// pieces that do not make up their file or have no SHA-256, unknown types, names that are too long
/// or that JSON could not hold (U+FFFD stands in their place), more than LayerLimits allow. The
/// JSON is parsed as it is read; it is for the caller to know that it is the right one, and to
/// bound it.
[[nodiscard]] LayerToc read_layer_toc(stream::Source& json,
                                      std::uint64_t data_end,
                                      std::optional<TocOwnFile> own = std::nullopt);

/// The hash in a "sha256:…"; nullopt for any other digest.
[[nodiscard]] std::optional<std::array<std::byte, 32>> sha256_bytes(const model::Digest& digest);

}  // namespace regtool::layer
