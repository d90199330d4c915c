#include "regtool/ops/exporter.hpp"

#include <vector>

#include "regtool/layer/tar_writer.hpp"
#include "tree_plan.hpp"

namespace regtool::ops {

using layer::EntryType;
using layer::MergedTree;

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

/// Folders, further names of files, links, devices. Folders come after the files in them: an
/// unpacker that sets a folder's time and mode when it leaves the folder, as GNU tar does, would
/// find both changed, or the folder closed, by files of the next layer. Links come with their
/// folder: GNU tar makes some of them last and remembers the folders that are to be set after that.
std::size_t write_others(const MergedTree& tree, const TreePlan& plan, layer::TarWriter& tar) {
    std::size_t left_out = 0;
    for (const auto node : plan.others) {
        const EntryType type = tree.facts(node).type;
        const auto first = plan.first_names[tree.content_id(node)];
        if (type == EntryType::socket || type == EntryType::other) {
            ++left_out;
            continue;
        }
        layer::Entry entry = entry_of(tree, node);
        if (type == EntryType::directory) {
            entry.path = node == MergedTree::kRoot ? "./" : entry.path + "/";
        } else if (first != node) {
            entry.type = EntryType::hardlink;
            entry.link_target = tree.path(first);
            entry.xattrs.clear();
        }
        tar.begin(entry);
    }
    return left_out;
}

}  // namespace

std::size_t export_tree(ImageView& view, const MergedTree& tree, stream::Sink& sink) {
    const TreePlan plan = plan_tree(tree, {MergedTree::kRoot});
    layer::TarWriter tar(sink);
    std::vector<std::byte> block(kBlockBytes);
    read_planned(view, tree, plan, [&](MergedTree::NodeId node, stream::Source& content) {
        tar.begin(entry_of(tree, node));
        while (const std::size_t got = content.read(block)) {
            tar.content(std::span(block).first(got));
        }
    });
    const std::size_t left_out = write_others(tree, plan, tar);
    tar.finish();
    return left_out;
}

}  // namespace regtool::ops
