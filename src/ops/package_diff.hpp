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

    /// A database that cannot be read differs or may differ: what to tell the user. Empty if none.
    [[nodiscard]] std::string note() const;

  private:
    enum class Manager { dpkg, apk };

    struct Database {
        Manager manager = Manager::dpkg;
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
