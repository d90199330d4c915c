#include "regtool/ops/file_lister.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/image_view.hpp"
#include "regtool/ops/layer_listing.hpp"
#include "regtool/ops/name_filter.hpp"

namespace regtool::ops {

using layer::MergedTree;
using NodeId = MergedTree::NodeId;
using Which = MergedTree::Which;

namespace {

constexpr std::uint32_t kSetuidOrSetgid = 06000;

std::string absolute(const MergedTree& tree, NodeId node) {
    return node == MergedTree::kRoot ? "/" : "/" + tree.path(node);
}

/// Calls `visit` for everything below a folder, parents first, names in order. No recursion:
/// folders may be nested deeply.
template <class Visit>
void walk_below(const MergedTree& tree, NodeId folder, Which which, const Visit& visit) {
    std::vector<NodeId> ahead = tree.children(folder, which);
    std::reverse(ahead.begin(), ahead.end());
    while (!ahead.empty()) {
        const NodeId node = ahead.back();
        ahead.pop_back();
        visit(node);
        const std::vector<NodeId> inside = tree.children(node, which);
        ahead.insert(ahead.end(), inside.rbegin(), inside.rend());
    }
}

bool is_folder(const MergedTree& tree, NodeId node) {
    return tree.facts(node).type == layer::EntryType::directory;
}

class Conditions {
  public:
    Conditions(const MergedTree& tree, const FindQuery& query) : tree_(tree), query_(query) {
        if (!query.regex.empty()) {
            regex_.emplace("--regex", query.regex);
        }
        if (query.types.find_first_not_of("fdlcbps") != std::string::npos) {
            throw base::UsageError("--type: one or more of f, d, l, c, b, p, s");
        }
    }

    /// The cheap ones first.
    [[nodiscard]] bool met_by(NodeId node) const {
        if (!query_.name.empty() &&
            fnmatch(query_.name.c_str(), std::string(tree_.name(node)).c_str(), 0) != 0) {
            return false;
        }
        const layer::TableEntry facts = tree_.facts(node);
        const bool is_file = facts.type == layer::EntryType::file;
        if (query_.setuid && !(is_file && (facts.mode & kSetuidOrSetgid) != 0)) {
            return false;
        }
        if (query_.newer && facts.mtime <= *query_.newer) {
            return false;
        }
        if (!query_.types.empty()) {
            const char letter = type_letter(facts.type);
            if (query_.types.find(letter == '-' ? 'f' : letter) == std::string::npos) {
                return false;
            }
        }
        if (query_.size && !(is_file && size_fits(facts.size))) {
            return false;
        }
        return !regex_ || regex_->matches(absolute(tree_, node));
    }

  private:
    [[nodiscard]] bool size_fits(std::uint64_t bytes) const {
        switch (query_.size->side) {
            case SizeBound::Side::below:
                return bytes < query_.size->bytes;
            case SizeBound::Side::above:
                return bytes > query_.size->bytes;
            case SizeBound::Side::exactly:
                break;
        }
        return bytes == query_.size->bytes;
    }

    const MergedTree& tree_;
    const FindQuery& query_;
    std::optional<NameFilter> regex_;
};

}  // namespace

FileRow file_row(const MergedTree& tree, NodeId node) {
    const layer::TableEntry facts = tree.facts(node);
    FileRow row;
    row.entry.layer = tree.layer(node);
    row.entry.type = type_letter(facts.type);
    row.entry.path = absolute(tree, node);
    row.entry.link_target = facts.link_target;
    row.entry.mode = facts.mode;
    row.entry.uid = facts.uid;
    row.entry.gid = facts.gid;
    row.entry.user_name = facts.user_name;
    row.entry.group_name = facts.group_name;
    row.entry.size = facts.size;
    row.entry.mtime = facts.mtime;
    row.entry.device_major = facts.device_major;
    row.entry.device_minor = facts.device_minor;
    row.links = tree.links(node);
    if (!tree.exists(node)) {
        row.deleted_by = tree.layer(node);
        row.entry.layer = tree.origin(node).layer;
    }
    return row;
}

void list_files(const MergedTree& tree, const ListQuery& query, const RowSink& row) {
    const Which which = query.deleted ? Which::also_deleted : Which::existing;
    NodeId node = locate(tree, query.path, MergedTree::Last::as_it_is, which);
    const auto behind = tree.resolve(query.path, MergedTree::Last::follow, which);
    if (behind.outcome == MergedTree::Outcome::found && is_folder(tree, behind.node)) {
        node = behind.node;
    }
    if (!is_folder(tree, node)) {
        row(file_row(tree, node));
    } else if (query.recursive) {
        walk_below(tree, node, which, [&](NodeId found) { row(file_row(tree, found)); });
    } else {
        for (const NodeId found : tree.children(node, which)) {
            row(file_row(tree, found));
        }
    }
}

SizeBound parse_size_bound(const std::string& text) {
    std::string_view rest = text;
    SizeBound bound;
    if (rest.starts_with('+') || rest.starts_with('-')) {
        bound.side = rest[0] == '+' ? SizeBound::Side::above : SizeBound::Side::below;
        rest.remove_prefix(1);
    }
    unsigned shift = 0;
    constexpr std::string_view kUnits = "kMG";
    if (!rest.empty() && kUnits.find(rest.back()) != std::string_view::npos) {
        constexpr unsigned kUnitBits = 10;
        shift = kUnitBits * static_cast<unsigned>(kUnits.find(rest.back()) + 1);
        rest.remove_suffix(1);
    }
    const auto number = base::parse_decimal(rest);
    if (!number || *number > (~std::uint64_t{0} >> shift)) {
        throw base::UsageError("size '" + base::printable(text, 50) +
                               "': a number with + or - before it and k, M or G behind, as in +1M");
    }
    bound.bytes = *number << shift;
    return bound;
}

void find_files(const MergedTree& tree, const FindQuery& query, const RowSink& row) {
    const Conditions conditions(tree, query);
    const NodeId start = locate(tree, query.path, MergedTree::Last::follow);
    const auto visit = [&](NodeId node) {
        if (conditions.met_by(node)) {
            row(file_row(tree, node));
        }
    };
    visit(start);
    walk_below(tree, start, Which::existing, visit);
}

}  // namespace regtool::ops
