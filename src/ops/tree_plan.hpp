#pragma once

#include <functional>
#include <vector>

#include "regtool/layer/merged_tree.hpp"
#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

/// What is to be written of a merged view.
struct TreePlan {
    using NodeId = layer::MergedTree::NodeId;

    /// All but files under their first names. Parents before children, names in order.
    std::vector<NodeId> others;
    /// By content_id(): the first of the nodes with that content; kNone for what is not wanted.
    std::vector<NodeId> first_names;
};

/// All at and below these nodes, with the folders that lead there.
[[nodiscard]] TreePlan plan_tree(const layer::MergedTree& tree,
                                 const std::vector<TreePlan::NodeId>& roots);

/// Hands over each file's content once, layer by layer, in the order of the archives; layers
/// without wanted files are not read.
void read_planned(ImageView& view,
                  const layer::MergedTree& tree,
                  const TreePlan& plan,
                  const std::function<void(TreePlan::NodeId node, stream::Source& content)>& file);

/// The entry to write for a node, under its path in the image.
[[nodiscard]] layer::Entry entry_of(const layer::MergedTree& tree, TreePlan::NodeId node);

}  // namespace regtool::ops
