#pragma once

#include <string>
#include <utility>
#include <vector>

#include "regtool/ops/layer_contents.hpp"
#include "support/packed.hpp"

/// What layer 0 of some contents holds, as rows to compare: a label and the bytes of each entry.
namespace regtool::test {

using Rows = std::vector<std::pair<std::string, std::string>>;
using RowLabel = std::string (*)(const layer::Entry&);

inline std::string path_of(const layer::Entry& entry) {
    return entry.path;
}

inline Rows by_walk(ops::LayerContents& contents, RowLabel label = path_of) {
    const auto table = contents.table(0);
    Rows rows;
    contents.walk(0, [&](std::size_t entry, stream::Source& content) {
        rows.emplace_back(label(table->entry(entry)), read_all(content));
        return true;
    });
    return rows;
}

inline Rows by_open(ops::LayerContents& contents, RowLabel label = path_of) {
    const auto table = contents.table(0);
    Rows rows;
    for (std::size_t i = 0; i < table->size(); ++i) {
        rows.emplace_back(label(table->entry(i)), read_all(*contents.open(0, i)));
    }
    return rows;
}

}  // namespace regtool::test
