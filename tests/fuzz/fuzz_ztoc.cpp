#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/ztoc.hpp"

using namespace regtool;

/// An index or an error, whatever the bytes: entries lie in the tar, and whoever reads one gets
/// spans that lie in the layer, follow one another and fit into memory. The first eight bytes are
/// the layer's size, so that zTOCs of all sizes are read.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint64_t layer_bytes = 0;
    for (std::size_t i = 0; i < 8 && i < size; ++i) {
        layer_bytes |= std::uint64_t{data[i]} << (8 * i);
    }
    const std::string_view text = fuzz::text_of(data, size);
    try {
        const layer::LayerIndex index =
            layer::read_ztoc(text.substr(std::min<std::size_t>(size, 8)),
                             model::Digest::sha256_of("the layer"), layer_bytes);
        const stream::ChunkHashes& chunks = index.chunks;
        for (std::size_t i = 0; i < chunks.count(); ++i) {
            const stream::ByteSpan cut = chunks.chunk(i);
            fuzz::require(cut.begin < cut.end && cut.end <= layer_bytes);
            fuzz::require(cut.size() <= layer::kMaxSpanBytes);
            fuzz::require(i == 0 || cut.begin <= chunks.chunk(i - 1).end);
        }
        for (std::size_t i = 0; i < index.table->size(); ++i) {
            const std::uint64_t begin = (*index.table)[i].header_offset;
            const std::uint64_t end = index.entry_end(i);
            fuzz::require(begin < end && end <= index.table->tar_bytes());
            const stream::Checkpoint from = index.checkpoint_before(begin);
            fuzz::require(from.plain <= begin);
            const auto run = chunks.covering({from.packed, index.packed_bytes_for(end)});
            fuzz::require(!run ||
                          (run->bytes.begin <= from.packed && run->bytes.end <= layer_bytes));
        }
    } catch (const base::Error&) {
        return 0;
    }
    return 0;
}
