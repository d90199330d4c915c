#include "merger.hpp"

#include <algorithm>

#include "path_parts.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

constexpr std::size_t kWhiteoutPrefixBytes = 4;  // ".wh."
/// Slots for so many nodes have room for half as many more: a search looks at two on average.
constexpr std::size_t kNodesPerSpareSlot = 2;
/// What room is made for: a vector that grows by one too many takes three times its memory.
constexpr std::uint64_t kEntriesPerImpliedFolder = 8;
/// What links and repeated whiteouts may cost before an image counts as hostile: seconds, where
/// honest images take thousands of steps.
constexpr std::uint64_t kMaxSteps = 100'000'000;

std::string in_quotes(std::string_view path) {
    return "'" + base::printable(path, 200) + "'";
}

bool same_attributes(const TableEntry& a, const TableEntry& b) {
    return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.mtime == b.mtime &&
           a.mtime_nanoseconds == b.mtime_nanoseconds && *a.xattrs == *b.xattrs;
}

/// Without the slashes behind it.
std::string_view bare(std::string_view name) {
    return name.substr(0, name.find_last_not_of('/') + 1);
}

}  // namespace

void Merger::merge() {
    number_contents();
    MergedTree::Node root;
    root.complete = !is_partial();
    root.present = true;
    tree_.nodes_.push_back(root);
    layer_ = static_cast<std::uint32_t>(tree_.options_.lowest_layer);
    give_content(kRoot, implied_folder());
    for (std::size_t i = 0; i < tree_.tables_.size(); ++i) {
        apply(i);
    }
}

/// And makes room: nearly every entry gets a node, so that nothing has to grow and be copied.
void Merger::number_contents() {
    std::uint64_t next = kUnknownContent + 1;
    for (const auto& table : tree_.tables_) {
        tree_.first_contents_.push_back(static_cast<std::uint32_t>(next));
        next += table->size();
    }
    // Half of the numbers are left for implied folders.
    if (next > MergedTree::kNone / 2 ||
        tree_.tables_.size() + tree_.options_.lowest_layer > MergedTree::kMaxTables) {
        throw base::IntegrityError("the layers of the image have too many entries");
    }
    tree_.first_contents_.push_back(static_cast<std::uint32_t>(next));
    const std::uint64_t with_implied = next + next / kEntriesPerImpliedFolder;
    tree_.names_.reserve(with_implied);
    tree_.names_.resize(next);
    tree_.nodes_.reserve(with_implied);
    set_slots(with_implied);
}

void Merger::apply(std::size_t position) {
    table_ = tree_.tables_[position].get();
    layer_ = static_cast<std::uint32_t>(tree_.options_.lowest_layer + position);
    last_folder_node_ = kNone;
    has_made_folders_ = false;
    in_whiteouts_ = true;
    apply_whiteouts();
    in_whiteouts_ = false;
    last_folder_node_ = kNone;
    auto marked = table_->marked().begin();
    LayerTable::Places places(*table_);
    for (std::uint32_t i = 0; i < table_->size(); ++i) {
        const LayerTable::Place place = places.next();
        const bool may_be_whiteout = marked != table_->marked().end() && *marked == i;
        marked += may_be_whiteout ? 1 : 0;
        if (!may_be_whiteout || whiteout_kind(table_->path(i)) == WhiteoutKind::none) {
            apply_entry(i, place);
        }
    }
}

/// First of all, because they hide lower layers only, wherever in the archive they stand (LAY-06,
/// LAY-07).
void Merger::apply_whiteouts() {
    for (const std::uint32_t entry : table_->marked()) {
        const WhiteoutKind kind = whiteout_kind(table_->path(entry));
        if (kind == WhiteoutKind::file || kind == WhiteoutKind::opaque) {
            apply_whiteout(entry, kind);
        }
    }
}

/// parts_ becomes the clean parts of an entry's place, as views into the table.
void Merger::entry_parts(std::uint32_t entry) {
    const LayerTable::Place place = table_->place(entry);
    table_->folder_pieces(place.folder, pieces_);
    parts_.clear();
    for (const std::string_view piece : pieces_) {
        append_raw_parts(piece, parts_);
    }
    append_raw_parts(place.name, parts_);
    if (!fold_parents(parts_)) {
        throw_leaves_root(table_->path(entry));
    }
}

void Merger::apply_whiteout(std::uint32_t entry, WhiteoutKind kind) {
    // Refuses what names nothing or the folder itself (LAY-08).
    (void)whiteout_target(table_->path(entry));
    entry_parts(entry);
    const std::string_view name = parts_.back();
    parts_.pop_back();
    const NodeId folder = descend(parts_, is_partial() ? Missing::guess : Missing::stop);
    if (folder == kNone) {
        return;  // LAY-10
    }
    const Origin by{layer_, entry};
    if (kind == WhiteoutKind::opaque) {
        remove_children(folder, by);
        tree_.nodes_[folder].complete = true;
        return;
    }
    const std::string_view hidden = name.substr(kWhiteoutPrefixBytes);
    const NodeId node = tree_.find_child(folder, hidden);
    if (node != kNone && tree_.nodes_[node].present) {
        remove(node, by);
    } else if (node == kNone && !tree_.nodes_[folder].complete) {
        (void)place(folder, hidden);  // lower layers may have it: it is known to be gone
    }
}

void Merger::apply_entry(std::uint32_t entry, const LayerTable::Place& place) {
    const std::string_view written = bare(place.name);
    const bool ordinary = !written.empty() && written != "." && written != "..";
    if (ordinary && place.folder == last_folder_ && last_folder_node_ != kNone) {
        put(last_folder_node_, written, entry, place.type);
        return;
    }
    if (place.folder == LayerTable::kNoFolder && place.name.empty()) {
        return;  // no name at all
    }
    entry_parts(entry);
    if (parts_.empty()) {
        put_root(entry);
        return;
    }
    const std::string_view name = parts_.back();
    parts_.pop_back();
    const NodeId folder = descend(parts_, Missing::create);
    last_folder_ = place.folder;
    last_folder_node_ = ordinary ? folder : kNone;
    put(folder, name, entry, place.type);
}

void Merger::put_root(std::uint32_t entry) {
    if (table_->type(entry) != EntryType::directory) {
        throw base::IntegrityError("the entry " + in_quotes(table_->path(entry)) +
                                   " would replace the root by something that is no folder");
    }
    set_folder(kRoot, entry);
}

void Merger::put(NodeId folder, std::string_view name, std::uint32_t entry, EntryType type) {
    const Origin by{layer_, entry};
    const std::size_t slot = tree_.slot_of(folder, name);
    NodeId node = tree_.slots_[slot];
    const bool was_there = node != kNone && tree_.nodes_[node].present;
    const bool was_folder = was_there && tree_.type_of(tree_.nodes_[node]) == EntryType::directory;
    if (node != kNone) {
        note_place(node);
    }
    if (type == EntryType::directory && was_folder) {
        set_folder(node, entry);
        return;
    }
    std::uint32_t content = 0;
    if (type == EntryType::hardlink) {
        content = linked_content(entry);
        if (was_there && tree_.nodes_[node].content == content) {
            return;  // linked to what it is already
        }
    } else {
        content = content_of(entry);
    }
    MergedTree::Change change{node, ChangeKind::added, by, {}, tree_.content_origin(content)};
    if (was_there) {
        change.kind = ChangeKind::replaced;
        change.before = tree_.origin(node);
        ++tree_.names_[content];  // a hard link's file stays, though it may lie in what goes
        remove_children(node, by);
        drop_content(node, by, ChangeKind::replaced);
        --tree_.names_[content];
        last_folder_node_ = kNone;
    }
    // Where a layer is known to have had something else, nothing shines through from below.
    const bool complete = node != kNone || tree_.nodes_[folder].complete;
    if (node == kNone) {
        node = make_node(slot, folder, name);
    }
    change.node = node;
    tree_.nodes_[node].complete = complete;
    tree_.nodes_[node].implied = false;
    tree_.nodes_[node].guessed = false;
    give_content(node, content);
    note(change);
}

/// A folder on a folder: its attributes are replaced, what is in it stays (LAY-05).
void Merger::set_folder(NodeId node, std::uint32_t entry) {
    const Origin by{layer_, entry};
    const MergedTree::Change change{node, ChangeKind::attributes, by, tree_.origin(node), by};
    const bool same = same_attributes(tree_.facts(node), (*table_)[entry]);
    const std::uint16_t layer = tree_.nodes_[node].layer;
    drop_content(node, by, ChangeKind::attributes);
    tree_.nodes_[node].implied = false;
    tree_.nodes_[node].guessed = false;
    give_content(node, content_of(entry));
    tree_.nodes_[node].layer = layer;
    if (!same) {
        note(change);
    }
}

std::uint32_t Merger::linked_content(std::uint32_t entry) {
    const TableEntry facts = (*table_)[entry];
    clean_parts(facts.link_target, link_parts_);
    NodeId target = kRoot;
    if (!link_parts_.empty()) {
        const std::string_view name = link_parts_.back();
        link_parts_.pop_back();
        const NodeId folder = descend(link_parts_, Missing::stop);
        target = folder == kNone ? kNone : tree_.find_child(folder, name);
    }
    if (target == kNone || !tree_.nodes_[target].present || tree_.nodes_[target].loose ||
        tree_.nodes_[target].guessed) {
        if (is_partial()) {
            return kUnknownContent;
        }
        throw base::InvalidDocument("layer " + std::to_string(layer_) + ": the hard link " +
                                    in_quotes(table_->path(entry)) + " leads to " +
                                    in_quotes(facts.link_target) + ", which is not there");
    }
    if (tree_.type_of(tree_.nodes_[target]) == EntryType::directory) {
        throw base::InvalidDocument("layer " + std::to_string(layer_) + ": the hard link " +
                                    in_quotes(table_->path(entry)) + " leads to the folder " +
                                    in_quotes(facts.link_target));
    }
    return tree_.nodes_[target].content;
}

/// Follows links inside the root (LAY-14); folders that are missing are implied (LAY-15).
MergedTree::NodeId Merger::descend(const std::vector<std::string_view>& parts, Missing missing) {
    std::vector<std::string_view> ahead(parts.rbegin(), parts.rend());
    std::vector<std::string_view> target_parts;
    NodeId at = kRoot;
    int hops = 0;
    while (!ahead.empty() && at != kNone) {
        const std::string_view part = ahead.back();
        ahead.pop_back();
        if (part == "..") {
            at = tree_.parent(at);
            continue;
        }
        const NodeId child = tree_.find_child(at, part);
        const bool is_link = child != kNone && tree_.nodes_[child].present &&
                             tree_.type_of(tree_.nodes_[child]) == EntryType::symlink;
        if (!is_link) {
            at = enter(at, part, missing);
            continue;
        }
        if (missing != Missing::create && made_folder_here(child)) {
            return kNone;  // this layer's own folder takes the link's place: nothing is below it
        }
        if (++hops > kMaxLinkHops) {
            throw base::InvalidDocument("layer " + std::to_string(layer_) + ": the links at " +
                                        in_quotes(tree_.path(child)) + " lead nowhere");
        }
        const std::string_view target = tree_.facts(child).link_target;
        raw_parts(target, target_parts);
        spend(target_parts.size());
        ahead.insert(ahead.end(), target_parts.rbegin(), target_parts.rend());
        at = target.starts_with('/') ? kRoot : at;
    }
    return at;
}

/// One step down into a folder; anything else that stands there gives way to one.
MergedTree::NodeId Merger::enter(NodeId folder, std::string_view part, Missing missing) {
    NodeId child = tree_.find_child(folder, part);
    const bool there = child != kNone && tree_.nodes_[child].present;
    if (there && tree_.type_of(tree_.nodes_[child]) == EntryType::directory) {
        if (missing == Missing::create) {
            tree_.nodes_[child].guessed = false;
        }
        note_place(child);
        return child;
    }
    const bool nothing_known = child == kNone && !tree_.nodes_[folder].complete;
    if (missing == Missing::stop || (missing == Missing::guess && !nothing_known)) {
        return kNone;
    }
    MergedTree::Change change{child, ChangeKind::added, {layer_, MergedTree::kNoEntry}, {}, {}};
    if (there) {
        change.kind = ChangeKind::replaced;
        change.before = tree_.origin(child);
        drop_content(child, change.by, ChangeKind::replaced);
    }
    child = place(folder, part);
    tree_.nodes_[child].complete = !nothing_known;
    tree_.nodes_[child].implied = nothing_known;
    tree_.nodes_[child].guessed = missing == Missing::guess;
    give_content(child, implied_folder());
    change.node = child;
    change.after = tree_.origin(child);
    note(change);
    return child;
}

/// Whether the layer at hand has an entry for a folder in this place, where a lower layer may have
/// a link.
bool Merger::made_folder_here(NodeId node) {
    if (!has_made_folders_) {
        has_made_folders_ = true;
        made_folders_.clear();
        for (std::size_t i = 0; i < table_->size(); ++i) {
            if (table_->type(i) == EntryType::directory) {
                made_folders_.insert(clean_path(table_->path(i)));
            }
        }
    }
    return made_folders_.contains(tree_.path(node));
}

/// Whether what is put into a folder now would land elsewhere if a lower layer made that folder a
/// link. Whiteouts would not: a folder of the layer's own takes the link's place.
bool Merger::is_loose_below(NodeId folder) {
    const MergedTree::Node& above = tree_.nodes_[folder];
    return above.loose || (above.implied && !(in_whiteouts_ && made_folder_here(folder)));
}

void Merger::note_place(NodeId node) {
    MergedTree::Node& placed = tree_.nodes_[node];
    if (node != kRoot && !placed.loose && is_loose_below(placed.parent)) {
        placed.loose = true;
        ++tree_.loose_names_[tree_.name(node)];
    }
}

/// The place of a name, new or known.
MergedTree::NodeId Merger::place(NodeId folder, std::string_view name) {
    const std::size_t slot = tree_.slot_of(folder, name);
    return tree_.slots_[slot] != kNone ? tree_.slots_[slot] : make_node(slot, folder, name);
}

/// In the empty slot that is the name's.
MergedTree::NodeId Merger::make_node(std::size_t slot, NodeId folder, std::string_view name) {
    const auto made = static_cast<NodeId>(tree_.nodes_.size());
    MergedTree::Node& above = tree_.nodes_[folder];
    if (above.depth >= MergedTree::kMaxDepth) {
        throw base::IntegrityError("layer " + std::to_string(layer_) +
                                   ": folders are nested deeper than " +
                                   std::to_string(MergedTree::kMaxDepth));
    }
    MergedTree::Node node;
    node.name = name.data();
    node.name_bytes = static_cast<std::uint16_t>(name.size());
    node.parent = folder;
    node.depth = static_cast<std::uint16_t>(above.depth + 1);
    node.next_sibling = above.first_child;
    node.layer = static_cast<std::uint16_t>(layer_);
    above.first_child = made;
    tree_.nodes_.push_back(node);
    note_place(made);
    tree_.slots_[slot] = made;
    const std::size_t most = tree_.slots_.size() / (kNodesPerSpareSlot + 1) * kNodesPerSpareSlot;
    if (tree_.nodes_.size() > most) {
        set_slots(2 * most);
    }
    return made;
}

/// With room for so many nodes at least.
void Merger::set_slots(std::size_t most_nodes) {
    tree_.slots_ = {};  // before there are new ones: nothing in them is needed
    tree_.slots_.assign((most_nodes / kNodesPerSpareSlot + 1) * (kNodesPerSpareSlot + 1), kNone);
    for (NodeId node = 1; node < tree_.nodes_.size(); ++node) {
        tree_.slots_[tree_.slot_of(tree_.parent(node), tree_.name(node))] = node;
    }
}

void Merger::remove(NodeId node, Origin by) {
    remove_children(node, by);
    note({node, ChangeKind::deleted, by, tree_.origin(node), {}});
    drop_content(node, by, ChangeKind::deleted);
    tree_.nodes_[node].layer = static_cast<std::uint16_t>(layer_);
    last_folder_node_ = kNone;
}

void Merger::remove_children(NodeId folder, Origin by) {
    std::vector<NodeId> ahead{folder};
    while (!ahead.empty()) {
        const NodeId at = ahead.back();
        ahead.pop_back();
        for (NodeId child = tree_.nodes_[at].first_child; child != kNone;
             child = tree_.nodes_[child].next_sibling) {
            spend(1);
            if (!tree_.nodes_[child].present) {
                continue;
            }
            note({child, ChangeKind::deleted, by, tree_.origin(child), {}});
            drop_content(child, by, ChangeKind::deleted);
            tree_.nodes_[child].layer = static_cast<std::uint16_t>(layer_);
            ahead.push_back(child);
        }
    }
}

void Merger::drop_content(NodeId node, Origin by, ChangeKind how) {
    tree_.nodes_[node].present = false;
    const std::uint32_t content = tree_.nodes_[node].content;
    const Origin origin = tree_.content_origin(content);
    if (--tree_.names_[content] == 0 && origin.entry != MergedTree::kNoEntry) {
        tree_.hidden_.push_back({origin, node, by, how});
    }
}

void Merger::give_content(NodeId node, std::uint32_t content) {
    tree_.nodes_[node].content = content;
    tree_.nodes_[node].present = true;
    tree_.nodes_[node].layer = static_cast<std::uint16_t>(layer_);
    ++tree_.names_[content];
}

std::uint32_t Merger::content_of(std::uint32_t entry) const {
    return tree_.content_id(Origin{layer_, entry});
}

/// The content of a folder that no entry speaks of.
std::uint32_t Merger::implied_folder() {
    tree_.implied_layers_.push_back(static_cast<std::uint16_t>(layer_));
    tree_.names_.push_back(0);
    return static_cast<std::uint32_t>(tree_.names_.size() - 1);
}

void Merger::note(const MergedTree::Change& change) {
    if (tree_.options_.keep_changes) {
        tree_.changes_.push_back(change);
    }
}

void Merger::spend(std::size_t steps) {
    steps_ += steps;
    if (steps_ > kMaxSteps) {
        throw base::IntegrityError(
            "the links and whiteouts of the image take too many steps to follow");
    }
}

}  // namespace regtool::layer
