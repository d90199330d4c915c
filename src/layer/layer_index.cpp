#include "regtool/layer/layer_index.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/stream/zstd_block.hpp"

namespace regtool::layer {

namespace {

constexpr std::uint64_t kMostCheckpoints = 2048;
constexpr std::uint64_t kPlainPerPacked = 6;  ///< of a request's spacings

}  // namespace

stream::CheckpointRequest checkpoint_spacing(std::uint64_t layer_bytes) {
    stream::CheckpointRequest request;
    request.packed_spacing = std::max(request.packed_spacing, layer_bytes / kMostCheckpoints);
    request.plain_spacing =
        std::max(request.plain_spacing, layer_bytes / kMostCheckpoints * kPlainPerPacked);
    return request;
}

void LayerIndex::add(const stream::Checkpoint& found) {
    const std::string window = found.window.empty() ? "" : stream::zstd_pack(found.window);
    checkpoints.push_back({found.plain, found.packed, found.bits, found.inside, windows.size(),
                           static_cast<std::uint32_t>(window.size())});
    windows.add(window);
}

stream::Checkpoint LayerIndex::checkpoint_before(std::uint64_t plain) const {
    if (compression == stream::Compression::none) {
        return {plain, plain, 0, false, {}};
    }
    const auto after = std::upper_bound(
        checkpoints.begin(), checkpoints.end(), plain,
        [](std::uint64_t wanted, const IndexedCheckpoint& c) { return wanted < c.plain; });
    if (after == checkpoints.begin()) {
        return {};
    }
    const IndexedCheckpoint& found = *std::prev(after);
    if (found.window_bytes == 0) {
        return {found.plain, found.packed, found.bits, found.inside, {}};
    }
    return {
        found.plain, found.packed, found.bits, found.inside,
        stream::zstd_unpack(windows.read(found.window, found.window_bytes), stream::kWindowBytes)};
}

std::uint64_t LayerIndex::packed_bytes_for(std::uint64_t plain) const noexcept {
    if (compression == stream::Compression::none) {
        return std::min(plain, layer_bytes);
    }
    const auto end = std::lower_bound(
        checkpoints.begin(), checkpoints.end(), plain,
        [](const IndexedCheckpoint& c, std::uint64_t wanted) { return c.plain < wanted; });
    // The byte that a checkpoint points into may have bits of what comes before it.
    return end == checkpoints.end() ? layer_bytes
                                    : std::min(end->packed + (end->bits != 0 ? 1 : 0), layer_bytes);
}

std::uint64_t LayerIndex::entry_end(std::size_t entry) const {
    return entry + 1 < table->size() ? (*table)[entry + 1].header_offset : table->tar_bytes();
}

}  // namespace regtool::layer
