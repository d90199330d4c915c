#include "tree_plan.hpp"

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

TreePlan plan_tree(const MergedTree& tree, const std::vector<NodeId>& roots) {
    const std::vector<bool> wanted = wanted_nodes(tree, roots);
    TreePlan plan;
    plan.first_names.assign(tree.content_count(), MergedTree::kNone);
    std::vector<NodeId> ahead{MergedTree::kRoot};
    while (!ahead.empty()) {
        const NodeId node = ahead.back();
        ahead.pop_back();
        if (!wanted[node]) {
            continue;
        }
        const std::vector<NodeId> inside = tree.children(node);
        ahead.insert(ahead.end(), inside.rbegin(), inside.rend());
        NodeId& first = plan.first_names[tree.content_id(node)];
        const bool is_first = first == MergedTree::kNone;
        first = is_first ? node : first;
        if (!is_first || tree.facts(node).type != layer::EntryType::file) {
            plan.others.push_back(node);
        }
    }
    return plan;
}

void read_planned(ImageView& view,
                  const MergedTree& tree,
                  const TreePlan& plan,
                  const std::function<void(NodeId node, stream::Source& content)>& file) {
    for (std::uint32_t layer = 0; layer < view.layers.size(); ++layer) {
        const auto name_of = [&](std::size_t entry) {
            const MergedTree::Origin from{layer, static_cast<std::uint32_t>(entry)};
            return plan.first_names[tree.content_id(from)];
        };
        const layer::LayerTable& table = tree.table(layer);
        std::vector<std::uint32_t> entries;
        entries.reserve(table.size());
        for (std::uint32_t entry = 0; entry < table.size(); ++entry) {
            if (name_of(entry) != MergedTree::kNone &&
                table.type(entry) == layer::EntryType::file) {
                entries.push_back(entry);
            }
        }
        if (entries.empty()) {
            continue;
        }
        view.contents->read_entries(layer, entries,
                                    [&](std::size_t entry, stream::Source& content) {
                                        file(name_of(entry), content);
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
