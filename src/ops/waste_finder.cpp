#include "regtool/ops/waste_finder.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace regtool::ops {

using layer::MergedTree;
using ChangeKind = MergedTree::ChangeKind;

namespace {

/// Names that often hold secrets. Only names are looked at, never contents.
constexpr std::array<std::string_view, 14> kTellingNames{
    ".npmrc", ".netrc", ".env",     ".pypirc",    ".git-credentials", ".pgpass",      ".htpasswd",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials",      ".vault-token", ".dockercfg"};
constexpr std::array<std::string_view, 5> kTellingEndings{".pem", ".key", ".p12", ".pfx", ".jks"};

bool is_telling(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return std::find(kTellingNames.begin(), kTellingNames.end(), name) != kTellingNames.end() ||
           std::any_of(kTellingEndings.begin(), kTellingEndings.end(),
                       [name](std::string_view end) { return name.ends_with(end); }) ||
           path.ends_with(".docker/config.json");
}

std::string path_of(const MergedTree& tree, const MergedTree::Content& content) {
    return "/" + tree.path(content.last_name);
}

/// What an entry hides: the target of a whiteout, else the place that it takes itself.
std::string hidden_place(const MergedTree& tree, const MergedTree::Content& content) {
    if (content.ended_how == ChangeKind::replaced ||
        content.ended_by.entry == MergedTree::kNoEntry) {
        return path_of(tree, content);
    }
    const std::string target =
        layer::whiteout_target(tree.table(content.ended_by.layer).path(content.ended_by.entry));
    return target == "." ? "/" : "/" + target;
}

WasteRow row_of(const MergedTree& tree, const MergedTree::Content& content, std::string path) {
    WasteRow row;
    row.path = std::move(path);
    row.how = content.ended_how == ChangeKind::replaced ? "replaced" : "deleted";
    row.layer = content.origin.layer;
    row.by_layer = content.ended_by.layer;
    row.files = 1;
    row.bytes = tree.table(content.origin.layer)[content.origin.entry].size;
    return row;
}

}  // namespace

WasteReport find_waste(const ImageView& view, const MergedTree& tree) {
    WasteReport report;
    report.reference = view.reference;
    // layer that ships, layer and entry that hide, how
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, ChangeKind>, WasteRow> groups;
    for (const MergedTree::Content& content : tree.contents()) {
        const MergedTree::Origin from = content.origin;
        if (from.entry == MergedTree::kNoEntry ||
            tree.table(from.layer).type(from.entry) != layer::EntryType::file) {
            continue;
        }
        const std::uint64_t bytes = tree.table(from.layer)[from.entry].size;
        report.shipped += bytes;
        if (content.links > 0) {
            continue;
        }
        report.hidden += bytes;
        if (content.ended_how == ChangeKind::deleted && is_telling(path_of(tree, content))) {
            report.telling.push_back(row_of(tree, content, path_of(tree, content)));
        }
        WasteRow& group =
            groups[{from.layer, content.ended_by.layer, content.ended_by.entry, content.ended_how}];
        if (group.files == 0) {
            group = row_of(tree, content, hidden_place(tree, content));
        } else {
            ++group.files;
            group.bytes += bytes;
        }
    }
    for (auto& [key, row] : groups) {
        report.rows.push_back(std::move(row));
    }
    std::stable_sort(report.rows.begin(), report.rows.end(),
                     [](const WasteRow& a, const WasteRow& b) {
                         return std::tie(b.bytes, a.path) < std::tie(a.bytes, b.path);
                     });
    return report;
}

}  // namespace regtool::ops
