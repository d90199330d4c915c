#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "regtool/layer/layer_index.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// Which stored bytes hold an entry: whole chunks, so that they can be verified.
struct LayerPart {
    stream::Checkpoint from;  ///< where to begin to unpack
    std::uint64_t skip = 0;   ///< unpacked bytes between there and the entry's header
    stream::ChunkRun stored;
};

/// Throws InvalidDocument for an index that cannot be right.
[[nodiscard]] LayerPart part_of(const layer::LayerIndex& index, std::size_t entry);

/// The tar from an entry's header on, a little beyond the entry's end. `arrived` hears of stored
/// bytes. Each chunk is verified before anything of it comes out. Borrows the store.
[[nodiscard]] std::unique_ptr<stream::Source> open_part(
    store::ImageStore& store,
    std::shared_ptr<const layer::LayerIndex> index,
    LayerPart part,
    store::BytesArrived arrived,
    const std::stop_token& stop);

}  // namespace regtool::ops
