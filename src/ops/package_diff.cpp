#include "package_diff.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/packages.hpp"

namespace regtool::ops {

using layer::EntryType;
using layer::MergedTree;

namespace {

constexpr const char* kRpmFolders[] = {"usr/lib/sysimage/rpm", "var/lib/rpm"};

/// Beside the database in its present form: what is not read, and why it matters.
struct UnreadFile {
    const char* name;
    const char* why;
};

constexpr UnreadFile kUnread[] = {
    {"Packages",
     "rpm's database is of an old form (Berkeley DB), so its packages are not compared"},
    {"Packages.db", "rpm's database is of another form (ndb), so its packages are not compared"},
    {"rpmdb.sqlite-wal", "changes that rpm had not yet moved into its database are not compared"},
};

/// The object that a path leads to, or kNone.
MergedTree::NodeId find_node(const MergedTree& tree, const std::string& path) {
    const MergedTree::Resolution found = tree.resolve(path, MergedTree::Last::follow);
    return found.outcome == MergedTree::Outcome::found ? found.node : MergedTree::kNone;
}

}  // namespace

/// The databases of one side as they are found, bounded in number and in bytes.
class PackageDiff::Search {
  public:
    Search(const LayerPair& pair, PairSide side, const MergedTree& tree)
        : pair_(pair), side_(side), tree_(tree) {}

    void look_at(PackageManager manager, const std::string& path) {
        const MergedTree::NodeId node = find_node(tree_, path);
        if (node == MergedTree::kNone || tree_.facts(node).type != EntryType::file) {
            return;
        }
        const Database database{manager, pair_.entry_of(side_, tree_, node)};
        if (!seen_.insert(database.entry).second) {
            return;  // one file by two paths, where /lib is a link
        }
        // Text is read into memory.
        const bool is_text = manager != PackageManager::rpm;
        const std::uint64_t most = is_text ? kMaxPackageDatabaseBytes : kMaxRpmDatabaseBytes;
        std::uint64_t& bytes = is_text ? text_bytes_ : rpm_bytes_;
        bytes += std::min<std::uint64_t>(tree_.facts(node).size, most + 1);
        if (bytes > most || found_.size() == kMaxPackages) {
            throw base::IntegrityError("'/" + base::printable(path, kShownBytes) +
                                       "': package databases of more than " +
                                       std::to_string(most >> 20) + " MiB");
        }
        found_.push_back(database);
    }

    [[nodiscard]] std::vector<Database> take() { return std::move(found_); }

  private:
    static constexpr std::size_t kShownBytes = 200;

    const LayerPair& pair_;
    PairSide side_;
    const MergedTree& tree_;
    std::set<PairedEntry> seen_;
    std::uint64_t text_bytes_ = 0;
    std::uint64_t rpm_bytes_ = 0;
    std::vector<Database> found_;
};

std::vector<PackageDiff::Database> PackageDiff::databases(PairSide side) const {
    const MergedTree& tree = side == PairSide::before ? before_ : after_;
    Search search(pair_, side, tree);
    search.look_at(PackageManager::dpkg, "var/lib/dpkg/status");
    const std::string parts = "var/lib/dpkg/status.d";
    const MergedTree::NodeId folder = find_node(tree, parts);
    if (folder != MergedTree::kNone) {
        for (const MergedTree::NodeId node : tree.children(folder)) {
            const std::string name(tree.name(node));
            if (!name.ends_with(".md5sums")) {
                search.look_at(PackageManager::dpkg, parts + "/" + name);
            }
        }
    }
    search.look_at(PackageManager::apk, "lib/apk/db/installed");
    search.look_at(PackageManager::apk, "usr/lib/apk/db/installed");
    for (const char* where : kRpmFolders) {
        search.look_at(PackageManager::rpm, std::string(where) + "/rpmdb.sqlite");
    }
    return search.take();
}

void PackageDiff::find() {
    databases_[0] = databases(PairSide::before);
    databases_[1] = databases(PairSide::after);
    if (databases_[0] == databases_[1]) {
        return;
    }
    for (const auto& side : databases_) {
        for (const Database& database : side) {
            pair_.want_packages(database.entry, database.manager);
        }
    }
}

std::vector<PackageChange> PackageDiff::finish() const {
    if (databases_[0] == databases_[1]) {
        return {};
    }
    using Versions = std::vector<Package>;
    std::map<std::pair<std::string, std::string>, std::pair<Versions, Versions>> packages;
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        for (const Database& database : databases_[side]) {
            for (const Package& package : pair_.packages(database.entry)) {
                auto& versions = packages[{to_string(database.manager), package.name}];
                (side == 0 ? versions.first : versions.second).push_back(package);
            }
        }
    }
    const auto order = [](const Package& a, const Package& b) {
        return std::tie(a.version, a.architecture) < std::tie(b.version, b.architecture);
    };
    std::vector<PackageChange> changes;
    for (auto& [key, versions] : packages) {
        std::sort(versions.first.begin(), versions.first.end(), order);
        std::sort(versions.second.begin(), versions.second.end(), order);
        if (versions.first != versions.second) {
            changes.push_back(
                {key.first, key.second, std::move(versions.first), std::move(versions.second)});
        }
    }
    return changes;
}

std::vector<std::string> PackageDiff::notes() const {
    std::vector<std::string> notes;
    std::set<std::pair<MergedTree::NodeId, MergedTree::NodeId>> told;
    const auto look_at = [&](const std::string& path, const char* why) {
        const MergedTree::NodeId first = find_node(before_, path);
        const MergedTree::NodeId second = find_node(after_, path);
        const bool neither = first == MergedTree::kNone && second == MergedTree::kNone;
        const bool both = first != MergedTree::kNone && second != MergedTree::kNone;
        const bool same = both && pair_.entry_of(PairSide::before, before_, first) ==
                                      pair_.entry_of(PairSide::after, after_, second);
        const auto empty = [](const MergedTree& tree, MergedTree::NodeId node) {
            return node == MergedTree::kNone || tree.facts(node).size == 0;
        };
        if (!neither && !same && !(empty(before_, first) && empty(after_, second)) &&
            told.emplace(first, second).second) {
            notes.push_back("/" + path + ": " + why);
        }
    };
    for (const char* where : kRpmFolders) {
        for (const UnreadFile& file : kUnread) {
            look_at(std::string(where) + "/" + file.name, file.why);
        }
    }
    return notes;
}

}  // namespace regtool::ops
