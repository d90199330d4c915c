#include <array>

#include "fuzz/fuzz.hpp"
#include "regtool/base/error.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "regtool/stream/compress.hpp"

using namespace regtool;

/// FZ-19, FZ-21: entries or an error, within the limits, whatever the bytes.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    layer::LayerLimits limits;
    limits.max_content_bytes = std::uint64_t{16} << 20;
    limits.max_entries = 10'000;
    try {
        auto source = std::make_unique<stream::DecompressingSource>(
            std::make_unique<stream::StringSource>(std::string(fuzz::text_of(data, size))));
        layer::LayerReader reader(std::move(source), limits);
        std::array<std::byte, 4096> block{};
        while (const layer::Entry* entry = reader.next()) {
            fuzz::require(entry->path.size() <= limits.max_name_bytes);
            while (reader.read_content(block) != 0) {
            }
        }
    } catch (const base::Error&) {
        return 0;
    }
    return 0;
}
