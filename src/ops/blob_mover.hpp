#pragma once

#include <stop_token>

#include "ops/copy_graph.hpp"
#include "regtool/ops/copy_report.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::ops {

/// Brings blobs into one target. Thread-safe; borrows what it is given.
class BlobMover {
  public:
    BlobMover(store::ImageTarget& target, ProgressListener& progress)
        : target_(target), progress_(progress) {}

    /// Whether the target's registry may take blobs of this source over without moving bytes
    /// (MNT-05).
    [[nodiscard]] bool may_mount(const store::ImageStore& source) const;
    /// Mounts the blob where that is possible, else moves its bytes. Throws IntegrityError when the
    /// source does not have it.
    [[nodiscard]] BlobAction bring(const CopyGraph::Blob& blob, const std::stop_token& stop);
    /// Moves its bytes, whatever the target said of it before.
    void move(const CopyGraph::Blob& blob, const std::stop_token& stop);

  private:
    void move(const CopyGraph::Blob& blob, TransferScope& transfer, const std::stop_token& stop);

    store::ImageTarget& target_;
    ProgressListener& progress_;
};

}  // namespace regtool::ops
