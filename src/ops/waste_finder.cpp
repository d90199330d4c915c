#include "regtool/ops/waste_finder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
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

std::string path_of(const MergedTree& tree, const MergedTree::Hidden& content) {
    return "/" + tree.path(content.last_name);
}

/// What an entry hides: the target of a whiteout, else the place that it takes itself.
std::string hidden_place(const MergedTree& tree, const MergedTree::Hidden& content) {
    if (content.how == ChangeKind::replaced || content.by.entry == MergedTree::kNoEntry) {
        return path_of(tree, content);
    }
    const std::string target =
        layer::whiteout_target(tree.table(content.by.layer).path(content.by.entry));
    return target == "." ? "/" : "/" + target;
}

WasteRow row_of(const MergedTree& tree, const MergedTree::Hidden& content, std::string path) {
    WasteRow row;
    row.path = std::move(path);
    row.how = content.how == ChangeKind::replaced ? "replaced" : "deleted";
    row.layer = content.origin.layer;
    row.by_layer = content.by.layer;
    row.files = 1;
    row.bytes = tree.table(content.origin.layer)[content.origin.entry].size;
    return row;
}

/// Bytes of the files of a layer that the merged view has.
std::uint64_t shipped_and_seen(const MergedTree& tree, std::uint32_t layer) {
    const layer::LayerTable& table = tree.table(layer);
    std::uint64_t bytes = 0;
    for (std::uint32_t entry = 0; entry < table.size(); ++entry) {
        if (table.type(entry) == layer::EntryType::file &&
            tree.links(MergedTree::Origin{layer, entry}) > 0) {
            bytes += table[entry].size;
        }
    }
    return bytes;
}

/// In the order in which the layers ship them.
std::vector<MergedTree::Hidden> hidden_files(const MergedTree& tree) {
    std::vector<MergedTree::Hidden> hidden;
    std::copy_if(tree.hidden().begin(), tree.hidden().end(), std::back_inserter(hidden),
                 [&tree](const MergedTree::Hidden& content) {
                     return tree.table(content.origin.layer).type(content.origin.entry) ==
                            layer::EntryType::file;
                 });
    std::sort(hidden.begin(), hidden.end(),
              [](const MergedTree::Hidden& a, const MergedTree::Hidden& b) {
                  return std::tie(a.origin.layer, a.origin.entry) <
                         std::tie(b.origin.layer, b.origin.entry);
              });
    return hidden;
}

}  // namespace

WasteReport find_waste(const ImageView& view, const MergedTree& tree) {
    WasteReport report;
    report.reference = view.reference;
    // layer that ships, layer and entry that hide, how
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, ChangeKind>, WasteRow> groups;
    for (std::uint32_t layer = 0; layer < view.layers.size(); ++layer) {
        report.shipped += shipped_and_seen(tree, layer);
    }
    for (const MergedTree::Hidden& content : hidden_files(tree)) {
        const MergedTree::Origin from = content.origin;
        const std::uint64_t bytes = tree.table(from.layer)[from.entry].size;
        report.shipped += bytes;
        report.hidden += bytes;
        if (content.how == ChangeKind::deleted && is_telling(path_of(tree, content))) {
            report.telling.push_back(row_of(tree, content, path_of(tree, content)));
        }
        WasteRow& group = groups[{from.layer, content.by.layer, content.by.entry, content.how}];
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
