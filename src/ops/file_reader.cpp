#include "regtool/ops/file_reader.hpp"

#include <algorithm>
#include <optional>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::ops {

using layer::MergedTree;

namespace {

FoundFile file_at(const MergedTree& tree, MergedTree::NodeId node, const std::string& asked) {
    const layer::TableEntry facts = tree.facts(node);
    if (facts.type != layer::EntryType::file) {
        const bool folder = facts.type == layer::EntryType::directory;
        base::UsageError error("'" + base::printable(asked, 200) + "' is " +
                               (folder ? "a folder" : "no file"));
        if (folder) {
            error.set_hint("regtool ls lists what is in it");
        }
        throw error;
    }
    const MergedTree::Origin from = tree.origin(node);
    return {"/" + tree.path(node), from.layer, from.entry, facts.size};
}

/// One path's way to its answer.
struct Search {
    std::string path;
    std::string waits_for;  ///< the name that only lower layers can tell of; empty: any news
    std::optional<FoundFile> found;

    /// Whether it is worth asking again now that the view has this layer too: a name that nothing
    /// is known of stays unknown while layers do not speak of it.
    [[nodiscard]] bool concerned_by(const layer::LayerTable& table) const {
        return !found && (waits_for.empty() || table.mentions(waits_for));
    }

    void ask(const MergedTree& tree) {
        const auto answer = tree.resolve(path, MergedTree::Last::follow);
        if (answer.outcome == MergedTree::Outcome::unknown) {
            waits_for = answer.asked;
        } else if (answer.outcome == MergedTree::Outcome::found) {
            found = file_at(tree, answer.node, path);
        } else {
            throw_missing(tree, path, answer);
        }
    }
};

}  // namespace

std::vector<FoundFile> find_contents(ImageView& view, const std::vector<std::string>& paths) {
    std::vector<Search> searches;
    for (const std::string& path : paths) {
        searches.push_back({path, {}, {}});
    }
    MergedTree::Tables tables;
    const auto open = [](const Search& search) { return !search.found; };
    for (std::size_t lowest = view.layers.size();
         std::any_of(searches.begin(), searches.end(), open);) {
        if (lowest > 0) {
            tables.insert(tables.begin(), view.contents->table(--lowest));
            const bool news = std::any_of(
                searches.begin(), searches.end(),
                [&](const Search& search) { return search.concerned_by(*tables.front()); });
            if (!news && lowest > 0) {
                continue;
            }
        }
        const MergedTree tree(tables, {.lowest_layer = lowest});
        for (Search& search : searches) {
            if (!search.found) {
                search.ask(tree);
            }
        }
    }
    std::vector<FoundFile> found;
    for (Search& search : searches) {
        found.push_back(std::move(*search.found));
    }
    return found;
}

}  // namespace regtool::ops
