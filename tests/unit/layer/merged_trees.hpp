#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/layer/merged_tree.hpp"
#include "support/tar_builder.hpp"

// Trees merged of layers that are built on the spot, and what is in them as text.

namespace regtool::test {

using layer::Entry;
using layer::EntryType;
using layer::LayerReader;
using layer::LayerTable;
using layer::MergedTree;
using layer::TableEntry;

inline std::shared_ptr<const LayerTable> table_of(const TarBuilder& tar) {
    LayerReader reader(std::make_unique<stream::StringSource>(tar.finish()));
    auto table = std::make_shared<LayerTable>();
    while (const Entry* entry = reader.next()) {
        table->add(*entry, reader.header_offset());
    }
    return table;
}

inline MergedTree merge(const std::vector<TarBuilder>& layers, MergedTree::Options options = {}) {
    MergedTree::Tables tables;
    for (const TarBuilder& layer : layers) {
        tables.push_back(table_of(layer));
    }
    return MergedTree(std::move(tables), options);
}

inline char letter(EntryType type) {
    if (type == EntryType::file) {
        return '-';
    }
    if (type == EntryType::directory) {
        return 'd';
    }
    return type == EntryType::symlink ? 'l' : '?';
}

/// "d usr", "- usr/f 0" (the layer of a file's content), "l bin -> usr/bin", in order.
inline void list(const MergedTree& tree, MergedTree::NodeId folder, std::string& text) {
    for (const auto node : tree.children(folder)) {
        const TableEntry facts = tree.facts(node);
        text += letter(facts.type);
        text += " " + tree.path(node);
        if (facts.type == EntryType::file) {
            text += " " + std::to_string(tree.origin(node).layer);
        } else if (facts.type == EntryType::symlink) {
            text += " -> " + std::string(facts.link_target);
        }
        text += "\n";
        list(tree, node, text);
    }
}

inline std::string listing(const MergedTree& tree) {
    std::string text;
    list(tree, MergedTree::kRoot, text);
    return text;
}

inline std::string listing(const std::vector<TarBuilder>& layers) {
    return listing(merge(layers));
}

inline std::string found(const MergedTree& tree,
                         std::string_view path,
                         MergedTree::Last last = MergedTree::Last::follow) {
    const auto resolution = tree.resolve(path, last);
    switch (resolution.outcome) {
        case MergedTree::Outcome::found:
            return tree.path(resolution.node);
        case MergedTree::Outcome::missing:
            return "missing";
        case MergedTree::Outcome::unknown:
            return "unknown";
        case MergedTree::Outcome::loop:
            return "loop";
    }
    return "";
}

}  // namespace regtool::test
