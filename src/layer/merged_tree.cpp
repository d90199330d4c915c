#include "regtool/layer/merged_tree.hpp"

#include <algorithm>
#include <functional>

#include "merger.hpp"
#include "path_parts.hpp"

namespace regtool::layer {

namespace {

const Xattrs kNoXattrs;

constexpr std::uint32_t kImpliedMode = 0755;

TableEntry implied_folder() {
    TableEntry facts;
    facts.type = EntryType::directory;
    facts.mode = kImpliedMode;
    facts.xattrs = &kNoXattrs;
    return facts;
}

}  // namespace

MergedTree::MergedTree(Tables tables, Options options)
    : tables_(std::move(tables)), options_(options) {
    Merger(*this).merge();
}

std::string_view MergedTree::name(NodeId node) const {
    return {nodes_[node].name, nodes_[node].name_bytes};
}

std::string MergedTree::path(NodeId node) const {
    if (node == kRoot) {
        return ".";
    }
    std::size_t bytes = 0;
    for (NodeId at = node; at != kRoot; at = parent(at)) {
        bytes += nodes_[at].name_bytes + std::size_t{1};
    }
    std::string path(bytes - 1, '/');
    std::size_t end = path.size();
    for (NodeId at = node; at != kRoot; at = parent(at)) {
        const std::string_view part = name(at);
        end -= part.size();
        std::copy(part.begin(), part.end(), path.begin() + static_cast<std::ptrdiff_t>(end));
        end -= end == 0 ? 0 : 1;
    }
    return path;
}

MergedTree::Origin MergedTree::origin(NodeId node) const {
    return content_origin(nodes_[node].content);
}

MergedTree::Origin MergedTree::content_origin(std::uint32_t content) const {
    if (content == Merger::kUnknownContent) {
        return {};
    }
    if (content >= first_contents_.back()) {
        return {implied_layers_[content - first_contents_.back()], kNoEntry};
    }
    const auto next = std::upper_bound(first_contents_.begin(), first_contents_.end(), content);
    const auto position = static_cast<std::uint32_t>(next - first_contents_.begin() - 1);
    return {position + static_cast<std::uint32_t>(options_.lowest_layer),
            content - first_contents_[position]};
}

TableEntry MergedTree::facts(NodeId node) const {
    const Origin from = origin(node);
    return from.entry == kNoEntry ? implied_folder() : table(from.layer)[from.entry];
}

std::uint32_t MergedTree::links(NodeId node) const {
    return names_[nodes_[node].content];
}

EntryType MergedTree::type_of(const Node& node) const {
    if (node.content == Merger::kUnknownContent) {
        return EntryType::hardlink;
    }
    const Origin from = content_origin(node.content);
    return from.entry == kNoEntry ? EntryType::directory : table(from.layer).type(from.entry);
}

std::vector<MergedTree::NodeId> MergedTree::children(NodeId folder, Which which) const {
    std::vector<NodeId> found;
    for (NodeId child = nodes_[folder].first_child; child != kNone;
         child = nodes_[child].next_sibling) {
        if (nodes_[child].present || which == Which::also_deleted) {
            found.push_back(child);
        }
    }
    std::sort(found.begin(), found.end(), [this](NodeId a, NodeId b) { return name(a) < name(b); });
    return found;
}

std::size_t MergedTree::slot_of(NodeId folder, std::string_view name) const {
    constexpr std::size_t kSpread = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
    const std::size_t spread = (std::hash<std::string_view>{}(name) ^ folder) * kSpread;
    std::size_t slot = ((spread >> 32U) * slots_.size()) >> 32U;
    while (slots_[slot] != kNone) {
        const Node& node = nodes_[slots_[slot]];
        if (node.parent == folder && std::string_view(node.name, node.name_bytes) == name) {
            return slot;
        }
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    return slot;
}

MergedTree::NodeId MergedTree::find_child(NodeId folder, std::string_view name) const {
    return slots_[slot_of(folder, name)];
}

/// An entry below an implied folder lands elsewhere when a lower layer makes that folder a link.
/// Asked for one name, only entries of that name matter.
bool MergedTree::could_be_elsewhere(NodeId folder, NodeId child, std::string_view name) const {
    if (loose_names_.empty()) {
        return false;
    }
    const bool loose = child != kNone && nodes_[child].loose;
    if (loose && !nodes_[folder].loose && !nodes_[folder].implied) {
        return true;  // the folder became a real one only after the entry was placed
    }
    const auto others = loose_names_.find(name);
    return others != loose_names_.end() && others->second > (loose ? 1U : 0U);
}

MergedTree::Resolution MergedTree::resolve(std::string_view path, Last last, Which which) const {
    std::vector<std::string_view> ahead;  // what is left to walk, next one last
    std::vector<std::string_view> parts;
    const auto push = [&](std::string_view text) {
        raw_parts(text, parts);
        ahead.insert(ahead.end(), parts.rbegin(), parts.rend());
    };
    push(path);
    const bool wants_folder = path.ends_with('/');
    NodeId at = kRoot;
    for (int hops = 0; !ahead.empty();) {
        const std::string_view part = ahead.back();
        ahead.pop_back();
        if (part == "..") {
            at = parent(at);
            continue;
        }
        const NodeId child = find_child(at, part);
        if (could_be_elsewhere(at, child, part)) {
            return {Outcome::unknown, child, part};
        }
        if (child == kNone) {
            return {nodes_[at].complete ? Outcome::missing : Outcome::unknown, kNone, part};
        }
        const Node& node = nodes_[child];
        if (!node.present && which == Which::existing) {
            return {Outcome::missing, child};
        }
        if (node.content == Merger::kUnknownContent) {
            return {Outcome::unknown, child};
        }
        if (node.guessed && (ahead.empty() || ahead.back() == "..")) {
            return {Outcome::unknown, child, part};
        }
        const EntryType type = type_of(node);
        if (type == EntryType::symlink &&
            (!ahead.empty() || last == Last::follow || wants_folder)) {
            if (++hops > kMaxLinkHops) {
                return {Outcome::loop, child};
            }
            const std::string_view target = facts(child).link_target;
            at = target.starts_with('/') ? kRoot : at;
            push(target);
            continue;
        }
        if (type != EntryType::directory && !ahead.empty()) {
            return {Outcome::missing, kNone};
        }
        at = child;
    }
    return {Outcome::found, at};
}

}  // namespace regtool::layer
