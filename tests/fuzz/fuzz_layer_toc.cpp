#include <string>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/layer_toc.hpp"

using namespace regtool;

/// A table that can be relied on or an error, whatever the JSON: pieces make up their file and lie
/// in the layer.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kDataEnd = 1'000'000;
    stream::StringSource json{std::string(fuzz::text_of(data, size))};
    try {
        const layer::LayerToc toc = layer::read_layer_toc(json, kDataEnd);
        for (std::size_t i = 0; i < toc.table()->size(); ++i) {
            std::uint64_t bytes = 0;
            for (const layer::TocChunk& chunk : toc.chunks(i)) {
                fuzz::require(chunk.bytes > 0);
                fuzz::require(chunk.zeros ||
                              (chunk.packed < chunk.packed_end && chunk.packed_end <= kDataEnd));
                bytes += chunk.bytes;
            }
            fuzz::require(bytes == (*toc.table())[i].size);
        }
    } catch (const base::Error&) {
        return 0;
    }
    return 0;
}
