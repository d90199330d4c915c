#pragma once

#include <memory>
#include <string>
#include <vector>

#include "regtool/base/text.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

/// A layer read to its end, for tests of what comes out of it.
namespace regtool::test {

struct Read {
    layer::Entry entry;
    std::string content;
};

inline std::string content_of(layer::LayerReader& reader, std::size_t step = 1000) {
    std::string all;
    std::vector<std::byte> block(step);
    for (std::size_t n = reader.read_content(block); n != 0; n = reader.read_content(block)) {
        all += base::as_text(std::span(block).first(n));
    }
    return all;
}

inline std::vector<Read> read_layer(const std::string& tar,
                                    std::size_t step = 65536,
                                    layer::LayerLimits limits = {}) {
    layer::LayerReader reader(std::make_unique<SlowSource>(tar, step), limits);
    std::vector<Read> all;
    while (const layer::Entry* entry = reader.next()) {
        all.push_back({*entry, {}});
        all.back().content = content_of(reader);
    }
    CHECK(reader.next() == nullptr);
    return all;
}

/// Without content: that is skipped.
inline std::vector<std::string> names(const std::string& tar, layer::LayerLimits limits = {}) {
    layer::LayerReader reader(std::make_unique<stream::StringSource>(tar), limits);
    std::vector<std::string> all;
    while (const layer::Entry* entry = reader.next()) {
        all.push_back(entry->path);
    }
    return all;
}

}  // namespace regtool::test
