#include "tree_plan.hpp"

#include <algorithm>

namespace regtool::ops {

using layer::MergedTree;
using NodeId = TreePlan::NodeId;

namespace {

/// Which nodes are wanted: those below a root, and those above one.
std::vector<bool> wanted_nodes(const MergedTree& tree, const std::vector<NodeId>& roots) {
    std::vector<bool> wanted(tree.node_count(), false);
    std::vector<NodeId> ahead = roots;
    while (!ahead.empty()) {
        const NodeId node = ahead.back();
        ahead.pop_back();
        wanted[node] = true;
        const std::vector<NodeId> inside = tree.children(node);
        ahead.insert(ahead.end(), inside.begin(), inside.end());
    }
    for (NodeId node : roots) {
        while (node != MergedTree::kRoot) {
            node = tree.parent(node);
            wanted[node] = true;
        }
    }
    return wanted;
}

}  // namespace

TreePlan plan_tree(const ImageView& view,
                   const MergedTree& tree,
                   const std::vector<NodeId>& roots) {
    const std::vector<bool> wanted = wanted_nodes(tree, roots);
    TreePlan plan;
    plan.first_names.assign(tree.contents().size(), MergedTree::kNone);
    plan.files.resize(view.layers.size());
    std::vector<NodeId> ahead{MergedTree::kRoot};
    while (!ahead.empty()) {
        const NodeId node = ahead.back();
        ahead.pop_back();
        if (!wanted[node]) {
            continue;
        }
        plan.nodes.push_back(node);
        const std::vector<NodeId> inside = tree.children(node);
        ahead.insert(ahead.end(), inside.rbegin(), inside.rend());
        NodeId& first = plan.first_names[tree.content_id(node)];
        if (first == MergedTree::kNone) {
            first = node;
            const MergedTree::Origin from = tree.origin(node);
            if (from.entry != MergedTree::kNoEntry &&
                tree.facts(node).type == layer::EntryType::file) {
                plan.files[from.layer].emplace_back(from.entry, node);
            }
        }
    }
    for (auto& files : plan.files) {
        std::sort(files.begin(), files.end());
    }
    return plan;
}

void read_planned(ImageView& view,
                  const TreePlan& plan,
                  const std::function<void(NodeId node, stream::Source& content)>& file) {
    for (std::size_t layer = 0; layer < plan.files.size(); ++layer) {
        const auto& files = plan.files[layer];
        if (files.empty()) {
            continue;
        }
        std::vector<std::uint32_t> entries;
        entries.reserve(files.size());
        for (const auto& [entry, node] : files) {
            entries.push_back(entry);
        }
        auto next = files.begin();
        view.contents->read_entries(layer, entries, [&](std::size_t, stream::Source& content) {
            file((next++)->second, content);
            return true;
        });
    }
}

layer::Entry entry_of(const MergedTree& tree, NodeId node) {
    const MergedTree::Origin from = tree.origin(node);
    layer::Entry entry;
    if (from.entry == MergedTree::kNoEntry) {
        const layer::TableEntry facts = tree.facts(node);
        entry.type = facts.type;
        entry.mode = facts.mode;
    } else {
        entry = tree.table(from.layer).entry(from.entry);
    }
    entry.path = tree.path(node);
    return entry;
}

}  // namespace regtool::ops
