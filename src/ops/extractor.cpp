#include "regtool/ops/extractor.hpp"

#include <set>
#include <vector>

#include "tree_plan.hpp"

namespace regtool::ops {

using layer::EntryType;
using layer::MergedTree;

namespace {

bool is_folder(const MergedTree& tree, MergedTree::NodeId node) {
    return tree.facts(node).type == EntryType::directory;
}

/// What has no content of its own: further names of files, links, devices.
void write_others(const MergedTree& tree, const TreePlan& plan, layer::DiskWriter& disk) {
    for (const auto node : plan.others) {
        const EntryType type = tree.facts(node).type;
        const auto first = plan.first_names[tree.content_id(node)];
        if (type == EntryType::directory) {
            continue;
        }
        if (type == EntryType::file) {
            disk.link(tree.path(node), tree.path(first));
        } else {
            disk.other(tree.path(node), entry_of(tree, node));
        }
    }
}

/// The folders that lead to what is wanted and are not wanted themselves.
std::set<MergedTree::NodeId> on_the_way(const MergedTree& tree,
                                        const std::vector<MergedTree::NodeId>& roots) {
    const std::set<MergedTree::NodeId> asked(roots.begin(), roots.end());
    const auto is_asked = [&](MergedTree::NodeId node) {
        while (!asked.contains(node) && node != MergedTree::kRoot) {
            node = tree.parent(node);
        }
        return asked.contains(node);
    };
    std::set<MergedTree::NodeId> way;
    for (MergedTree::NodeId node : roots) {
        while (node != MergedTree::kRoot) {
            node = tree.parent(node);
            if (!is_asked(node)) {
                way.insert(node);
            }
        }
    }
    return way;
}

}  // namespace

layer::DiskWriterCounts extract_tree(ImageView& view,
                                     const MergedTree& tree,
                                     const std::vector<std::string>& paths,
                                     const std::string& folder,
                                     layer::DiskWriterOptions options) {
    std::vector<MergedTree::NodeId> roots;
    for (const std::string& path : paths) {
        roots.push_back(locate(tree, path, MergedTree::Last::as_it_is));
    }
    if (roots.empty()) {
        roots.push_back(MergedTree::kRoot);
    }
    const TreePlan plan = plan_tree(tree, roots);
    layer::DiskWriter disk(folder, options);
    const std::set<MergedTree::NodeId> way = on_the_way(tree, roots);
    std::set<MergedTree::NodeId> left;  // were there, and nobody asked for them
    for (const auto node : plan.others) {
        if (is_folder(tree, node) && !disk.begin_folder(tree.path(node)) && way.contains(node)) {
            left.insert(node);
        }
    }
    read_planned(view, tree, plan, [&](MergedTree::NodeId node, stream::Source& content) {
        disk.file(tree.path(node), entry_of(tree, node), content);
    });
    write_others(tree, plan, disk);
    // Last and from below: what is in a folder changes its time and may need its mode.
    for (auto node = plan.others.rbegin(); node != plan.others.rend(); ++node) {
        // The folder that the user named stays the user's, unless the image speaks of its root.
        const bool spoken_of = tree.origin(*node).entry != MergedTree::kNoEntry;
        if (left.contains(*node)) {
            disk.leave_folder(tree.path(*node));
        } else if (is_folder(tree, *node) && (*node != MergedTree::kRoot || spoken_of)) {
            disk.end_folder(tree.path(*node), entry_of(tree, *node));
        }
    }
    return disk.counts();
}

}  // namespace regtool::ops
