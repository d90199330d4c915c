#pragma once

#include <vector>

#include "layer_pair.hpp"
#include "regtool/ops/diff_report.hpp"
#include "regtool/ops/differ.hpp"

namespace regtool::ops {

/// Finds the paths that differ between the merged views of a pair, parents before children, in the
/// order of names. find(), then LayerPair::read(), then finish(). Borrows all three.
class FileDiff {
  public:
    FileDiff(LayerPair& pair,
             const layer::MergedTree& before,
             const layer::MergedTree& after,
             DiffDepth depth)
        : pair_(pair), before_(before), after_(after), depth_(depth) {}

    /// Compares all but contents, and asks the pair for the hashes that are needed.
    void find();
    [[nodiscard]] std::vector<FileChange> finish() const;

  private:
    using NodeId = layer::MergedTree::NodeId;

    /// Nodes of one path; kNone where a side lacks it.
    struct Place {
        NodeId before = layer::MergedTree::kNone;
        NodeId after = layer::MergedTree::kNone;
    };

    struct Candidate {
        Place place;
        std::vector<std::string> what;
        bool hashed = false;  ///< changed too if the contents' hashes differ
    };

    void compare(Place place);
    [[nodiscard]] std::vector<Place> inside(Place place) const;
    [[nodiscard]] std::vector<std::string> compare_facts(Place place) const;

    LayerPair& pair_;
    const layer::MergedTree& before_;
    const layer::MergedTree& after_;
    DiffDepth depth_;
    std::vector<Candidate> candidates_;
};

}  // namespace regtool::ops
