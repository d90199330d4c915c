#pragma once

#include <deque>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "ops/blob_mover.hpp"
#include "ops/copy_graph.hpp"
#include "ops/copy_root.hpp"
#include "regtool/base/guarded.hpp"

namespace regtool::ops {

/// The second half of a copy: compares with the target, moves blobs, puts manifests, gives names.
class CopyWriter {
  public:
    /// Borrows everything.
    CopyWriter(std::deque<CopyRoot>& roots,
               const CopyGraph& graph,
               store::ImageTarget& target,
               const CopyOptions& options,
               ProgressListener& progress,
               std::stop_token stop);

    /// Asks the target what is there; changes nothing.
    void plan();
    /// Does what was planned.
    void run();

    struct PlannedBlob {
        const CopyGraph::Blob* blob;
        BlobAction action;
    };

    /// After run(): what became of each.
    [[nodiscard]] const std::vector<PlannedBlob>& blobs() const noexcept { return plan_; }

    [[nodiscard]] std::size_t manifests_present() const noexcept {
        return present_manifests_.size();
    }

  private:
    void move_blobs();
    void bring(PlannedBlob& planned);
    /// Children before parents; what gets a name later and what is there already left out.
    [[nodiscard]] std::vector<std::vector<const CopyGraph::Node*>> unnamed_by_rank() const;
    void put_manifests();
    void put_part(const CopyGraph::Node& node);
    void give_names(CopyRoot& root);
    /// Puts a manifest. A registry that had said of a blob that it is there, and now does not know
    /// it, gets it for real, once (MNT-07, PUT-07); what the source lacks cannot be mended.
    void put(const CopyGraph::Node& node, const std::optional<std::string>& name);
    /// What was said must be so: a name that another writer took, or that the registry did not
    /// move, is no success.
    void confirm_names();

    void fail(const model::Digest& digest, std::exception_ptr error);
    /// The failure of a part makes the whole fail: it would name what is not there.
    [[nodiscard]] std::exception_ptr failure_of(const model::Manifest& manifest) const;

    std::deque<CopyRoot>& roots_;
    const CopyGraph& graph_;
    store::ImageTarget& target_;
    const CopyOptions& options_;
    ProgressListener& progress_;
    std::stop_token stop_;
    BlobMover mover_;
    std::vector<PlannedBlob> plan_;
    std::set<model::Digest> present_manifests_;
    base::Guarded<std::map<model::Digest, std::exception_ptr>> failed_;
};

}  // namespace regtool::ops
