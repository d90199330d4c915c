#include "regtool/ops/blamer.hpp"

#include "regtool/ops/layer_listing.hpp"

namespace regtool::ops {

using layer::MergedTree;

namespace {

std::string name_of(MergedTree::ChangeKind kind) {
    switch (kind) {
        case MergedTree::ChangeKind::added:
            return "added";
        case MergedTree::ChangeKind::replaced:
            return "replaced";
        case MergedTree::ChangeKind::attributes:
            return "attributes";
        case MergedTree::ChangeKind::deleted:
            break;
    }
    return "deleted";
}

BlameStep step_of(const ImageView& view, const MergedTree& tree, const MergedTree::Change& change) {
    BlameStep step;
    step.layer = change.by.layer;
    step.layer_digest = view.layers[change.by.layer].digest.str();
    step.change = name_of(change.kind);
    if (change.by.entry != MergedTree::kNoEntry) {
        step.entry = tree.table(change.by.layer).path(change.by.entry);
    }
    const MergedTree::Origin shown =
        change.kind == MergedTree::ChangeKind::deleted ? change.before : change.after;
    if (shown.entry == MergedTree::kNoEntry) {
        step.type = 'd';
        return step;
    }
    const layer::TableEntry facts = tree.table(shown.layer)[shown.entry];
    step.type = type_letter(facts.type);
    step.size = facts.size;
    step.link_target = facts.link_target;
    return step;
}

void attach_history(BlameStep& step, const HistoryReport& history) {
    for (std::size_t i = 0; i < history.steps.size(); ++i) {
        if (history.steps[i].layer == step.layer) {
            step.step = i;
            step.created_by = history.steps[i].created_by;
        }
    }
}

}  // namespace

BlameReport blame(const ImageView& view,
                  const MergedTree& tree,
                  const HistoryReport& history,
                  const std::string& path) {
    const MergedTree::NodeId node =
        locate(tree, path, MergedTree::Last::as_it_is, MergedTree::Which::also_deleted);
    BlameReport report;
    report.reference = view.reference;
    report.path = node == MergedTree::kRoot ? "/" : "/" + tree.path(node);
    report.exists = tree.exists(node);
    report.history_matched = history.matched;
    for (const MergedTree::Change& change : tree.changes()) {
        if (change.node == node) {
            report.steps.push_back(step_of(view, tree, change));
            attach_history(report.steps.back(), history);
        }
    }
    return report;
}

}  // namespace regtool::ops
