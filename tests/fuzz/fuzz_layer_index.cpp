#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/layer_index.hpp"
#include "regtool/stream/zstd_block.hpp"

using namespace regtool;

namespace {

void read(std::string_view bytes) {
    try {
        const layer::LayerIndex index = layer::read_layer_index(bytes);
        for (std::size_t i = 0; i < index.table->size(); ++i) {
            const std::uint64_t begin = (*index.table)[i].header_offset;
            fuzz::require(begin <= index.table->tar_bytes());
            fuzz::require(index.packed_bytes_for(index.entry_end(i)) <= index.layer_bytes);
            fuzz::require(index.checkpoint_before(begin).plain <= begin);
        }
        fuzz::require(layer::read_layer_index(layer::write_layer_index(index)).checkpoints ==
                      index.checkpoints);
    } catch (const base::Error&) {
        return;
    }
}

}  // namespace

/// An index or an error, whatever the bytes; also with the bytes as the head of an index, behind
/// the checksum that would catch nearly all of them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    read(text);
    const std::string head = stream::zstd_pack(text);
    std::string file("rtlayer\1", 8);
    for (unsigned i = 0; i < 8; ++i) {
        file += static_cast<char>(head.size() >> (8 * i));
    }
    read(file + head);
    return 0;
}
