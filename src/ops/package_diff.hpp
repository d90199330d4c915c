#pragma once

#include <string>
#include <vector>

#include "layer_pair.hpp"
#include "regtool/ops/diff_report.hpp"

namespace regtool::ops {

/// Finds the packages that differ between the merged views of a pair. find(), then
/// LayerPair::read(), then finish(). Borrows all three.
class PackageDiff {
  public:
    PackageDiff(LayerPair& pair, const layer::MergedTree& before, const layer::MergedTree& after)
        : pair_(pair), before_(before), after_(after) {}

    /// Looks the databases up and asks the pair for them, unless both sides have the same. Throws
    /// IntegrityError for databases that are too large.
    void find();
    [[nodiscard]] std::vector<PackageChange> finish() const;

    /// What to tell the user of databases that differ and are not read.
    [[nodiscard]] std::vector<std::string> notes() const;

  private:
    struct Database {
        PackageManager manager = PackageManager::dpkg;
        PairedEntry entry;

        friend bool operator==(const Database&, const Database&) = default;
    };

    class Search;

    [[nodiscard]] std::vector<Database> databases(PairSide side) const;
    LayerPair& pair_;
    const layer::MergedTree& before_;
    const layer::MergedTree& after_;
    std::vector<Database> databases_[2];
};

}  // namespace regtool::ops
