#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/layer/layer_table.hpp"
#include "regtool/layer/packed_windows.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/stream/checkpoint.hpp"
#include "regtool/stream/chunks.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::layer {

/// A checkpoint whose window is packed, as an index keeps it.
struct IndexedCheckpoint {
    std::uint64_t plain = 0;
    std::uint64_t packed = 0;
    std::uint8_t bits = 0;
    bool inside = false;
    /// Where its window, a zstd frame, is among LayerIndex::windows; of no bytes where there is
    /// none.
    std::uint64_t window = 0;
    std::uint32_t window_bytes = 0;

    [[nodiscard]] bool operator==(const IndexedCheckpoint&) const = default;
};

/// What one whole, verified read of a layer leaves behind, so that later its entries are known
/// without reading it, and each of its files by reading a part of it. About 1 % of the layer.
/// Filled by one thread; const use is thread-safe.
struct LayerIndex {
    model::Digest layer;
    std::uint64_t layer_bytes = 0;  ///< stored
    stream::Compression compression = stream::Compression::none;
    std::optional<model::Digest> diff_id{};  ///< where what the layer unpacks to was hashed
    std::shared_ptr<const LayerTable> table{};
    std::vector<IndexedCheckpoint> checkpoints{};  ///< beside the layer's beginning
    PackedWindows windows{};                       ///< of the checkpoints, in their order
    stream::ChunkHashes chunks{};

    /// As a DecompressingSource reports it.
    void add(const stream::Checkpoint& found);
    /// From where to unpack for the byte of the tar at `plain`. Throws InvalidDocument for a window
    /// that cannot be unpacked, IoError for one that cannot be read.
    [[nodiscard]] stream::Checkpoint checkpoint_before(std::uint64_t plain) const;
    /// Stored bytes from the beginning that are enough to unpack the first `plain` of the tar.
    [[nodiscard]] std::uint64_t packed_bytes_for(std::uint64_t plain) const noexcept;
    /// Where the entry's bytes end in the tar, padding included.
    [[nodiscard]] std::uint64_t entry_end(std::size_t entry) const;
};

/// More than an index of any layer within the limits should take.
inline constexpr std::size_t kMaxIndexBytes = std::size_t{256} << 20;

/// How far apart checkpoints of a layer of this size should be: a number of them that stays
/// bounded however large the layer is.
[[nodiscard]] stream::CheckpointRequest checkpoint_spacing(std::uint64_t layer_bytes);

/// The index as a file: eight bytes of magic with a version, the size of the head (64 bits, little
/// endian), the head as a zstd frame, the packed windows one after another. Numbers in the head are
/// LEB128, texts have their length before them.
void write_layer_index(const LayerIndex& index, stream::Sink& file);
[[nodiscard]] std::string write_layer_index(const LayerIndex& index);
/// Checks form and bounds, not whether it tells the truth. Throws InvalidDocument for anything but
/// a whole index of this version, IntegrityError for one beyond the limits.
[[nodiscard]] LayerIndex read_layer_index(std::string_view bytes);
/// The same; windows stay in the file. Nobody may change its bytes as long as the index is used:
/// replacing and removing it do no harm. Throws IoError, too.
[[nodiscard]] LayerIndex read_layer_index(base::UniqueFd file);

}  // namespace regtool::layer
