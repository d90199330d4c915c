#include "file_diff.hpp"

#include <algorithm>

#include "regtool/ops/file_lister.hpp"

namespace regtool::ops {

using layer::EntryType;
using layer::MergedTree;
using layer::TableEntry;

namespace {

bool is_device(EntryType type) {
    return type == EntryType::char_device || type == EntryType::block_device;
}

}  // namespace

std::vector<FileDiff::Place> FileDiff::inside(Place place) const {
    const auto children = [](const MergedTree& tree, NodeId node) {
        return node == MergedTree::kNone ? std::vector<NodeId>{} : tree.children(node);
    };
    const std::vector<NodeId> first = children(before_, place.before);
    const std::vector<NodeId> second = children(after_, place.after);
    std::vector<Place> places;
    places.reserve(std::max(first.size(), second.size()));
    auto a = first.begin();
    auto b = second.begin();
    while (a != first.end() || b != second.end()) {
        int order = 0;
        if (a == first.end() || b == second.end()) {
            order = a == first.end() ? 1 : -1;
        } else {
            order = before_.name(*a).compare(after_.name(*b));
        }
        places.push_back(
            {order <= 0 ? *a++ : MergedTree::kNone, order >= 0 ? *b++ : MergedTree::kNone});
    }
    return places;
}

std::vector<std::string> FileDiff::compare_facts(Place place) const {
    const TableEntry a = before_.facts(place.before);
    const TableEntry b = after_.facts(place.after);
    std::vector<std::string> what;
    const auto differs = [&what](bool yes, const char* name) {
        if (yes) {
            what.emplace_back(name);
        }
    };
    const bool same_type = a.type == b.type;
    differs(!same_type, "type");
    differs(same_type && a.type == EntryType::file && a.size != b.size, "content");
    differs(same_type && a.type == EntryType::symlink && a.link_target != b.link_target, "target");
    differs(same_type && is_device(a.type) &&
                (a.device_major != b.device_major || a.device_minor != b.device_minor),
            "device");
    differs(a.mode != b.mode, "mode");
    differs(a.uid != b.uid || a.gid != b.gid, "owner");
    differs(*a.xattrs != *b.xattrs, "xattrs");
    if (depth_ == DiffDepth::exact) {
        differs(a.mtime != b.mtime || a.mtime_nanoseconds != b.mtime_nanoseconds, "time");
        differs(before_.links(place.before) != after_.links(place.after), "links");
    }
    return what;
}

void FileDiff::compare(Place place) {
    if (place.before == MergedTree::kNone || place.after == MergedTree::kNone) {
        candidates_.push_back({place, {}, false});
        return;
    }
    const PairedEntry first = pair_.entry_of(PairSide::before, before_, place.before);
    const PairedEntry second = pair_.entry_of(PairSide::after, after_, place.after);
    const TableEntry a = before_.facts(place.before);
    const TableEntry b = after_.facts(place.after);
    Candidate candidate{place, compare_facts(place), false};
    if (first != second && a.type == EntryType::file && b.type == EntryType::file &&
        a.size == b.size && a.size > 0) {
        candidate.hashed = true;
        pair_.want_hash(first);
        pair_.want_hash(second);
    }
    if (candidate.hashed || !candidate.what.empty()) {
        candidates_.push_back(std::move(candidate));
    }
}

void FileDiff::find() {
    std::vector<Place> ahead{{MergedTree::kRoot, MergedTree::kRoot}};
    while (!ahead.empty()) {
        const Place place = ahead.back();
        ahead.pop_back();
        compare(place);
        const std::vector<Place> places = inside(place);
        ahead.insert(ahead.end(), places.rbegin(), places.rend());
    }
}

std::vector<FileChange> FileDiff::finish() const {
    std::vector<FileChange> changes;
    for (const Candidate& candidate : candidates_) {
        const auto [before, after] = candidate.place;
        FileChange change;
        change.what = candidate.what;
        if (candidate.hashed && pair_.hash(pair_.entry_of(PairSide::before, before_, before)) !=
                                    pair_.hash(pair_.entry_of(PairSide::after, after_, after))) {
            change.what.insert(change.what.begin(), "content");
        }
        if (candidate.hashed && change.what.empty()) {
            continue;
        }
        if (before != MergedTree::kNone) {
            change.before = file_row(before_, before);
        }
        if (after != MergedTree::kNone) {
            change.after = file_row(after_, after);
        }
        change.path = (change.before ? change.before : change.after)->entry.path;
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace regtool::ops
