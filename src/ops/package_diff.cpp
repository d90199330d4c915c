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

/// Where there is a database of rpm's, in each of its forms.
constexpr const char* kRpmPaths[] = {
    "var/lib/rpm/rpmdb.sqlite",      "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",       "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db",
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

    void look_at(Manager manager, const std::string& path) {
        const MergedTree::NodeId node = find_node(tree_, path);
        if (node == MergedTree::kNone || tree_.facts(node).type != EntryType::file) {
            return;
        }
        const Database database{manager, pair_.entry_of(side_, tree_, node)};
        if (!seen_.insert(database.entry).second) {
            return;  // one file by two paths, where /lib is a link
        }
        bytes_ += std::min<std::uint64_t>(tree_.facts(node).size, kMaxPackageDatabaseBytes + 1);
        if (bytes_ > kMaxPackageDatabaseBytes || found_.size() == kMaxPackages) {
            throw base::IntegrityError("'/" + base::printable(path, kShownBytes) +
                                       "': package databases of more than " +
                                       std::to_string(kMaxPackageDatabaseBytes >> 20) + " MiB");
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
    std::uint64_t bytes_ = 0;
    std::vector<Database> found_;
};

std::vector<PackageDiff::Database> PackageDiff::databases(PairSide side) const {
    const MergedTree& tree = side == PairSide::before ? before_ : after_;
    Search search(pair_, side, tree);
    search.look_at(Manager::dpkg, "var/lib/dpkg/status");
    const std::string parts = "var/lib/dpkg/status.d";
    const MergedTree::NodeId folder = find_node(tree, parts);
    if (folder != MergedTree::kNone) {
        for (const MergedTree::NodeId node : tree.children(folder)) {
            const std::string name(tree.name(node));
            if (!name.ends_with(".md5sums")) {
                search.look_at(Manager::dpkg, parts + "/" + name);
            }
        }
    }
    search.look_at(Manager::apk, "lib/apk/db/installed");
    search.look_at(Manager::apk, "usr/lib/apk/db/installed");
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
            pair_.want_text(database.entry);
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
            const bool dpkg = database.manager == Manager::dpkg;
            const std::string& text = pair_.text(database.entry);
            for (Package& package : dpkg ? parse_dpkg_status(text) : parse_apk_installed(text)) {
                auto& versions = packages[{dpkg ? "dpkg" : "apk", package.name}];
                (side == 0 ? versions.first : versions.second).push_back(std::move(package));
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

std::string PackageDiff::note() const {
    for (const char* path : kRpmPaths) {
        const MergedTree::NodeId first = find_node(before_, path);
        const MergedTree::NodeId second = find_node(after_, path);
        if (first == MergedTree::kNone && second == MergedTree::kNone) {
            continue;
        }
        if (first == MergedTree::kNone || second == MergedTree::kNone ||
            pair_.entry_of(PairSide::before, before_, first) !=
                pair_.entry_of(PairSide::after, after_, second)) {
            return std::string("/") + path +
                   ": packages of rpm are not compared, only those of dpkg and apk";
        }
    }
    return "";
}

}  // namespace regtool::ops
