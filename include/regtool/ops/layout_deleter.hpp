#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "regtool/ops/delete_report.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/store/layout_folder.hpp"
#include "regtool/store/transport.hpp"

namespace regtool::ops {

/// Deletes an image from an OCI layout: all its entries in the index, then the manifests and blobs
/// that nothing else in the layout needs. First plan(), which only reads, then, when what it says
/// was agreed to, run(). A kill at any point leaves a layout whose images are whole.
class LayoutDeletion {
  public:
    /// `store` is opened for `location`, whose transport is the layout.
    LayoutDeletion(std::unique_ptr<store::ImageStore> store, store::Location location);

    /// Finds the image and what goes with it. Throws as LayoutFolder::open(); NotFound; UsageError
    /// for a part of another image, and where it is not clear which image is meant.
    [[nodiscard]] DeleteReport plan(std::stop_token stop);
    /// Deletes what plan() has found. Throws PreconditionError where the image was given another
    /// name meanwhile, IoError while another program writes into the layout.
    [[nodiscard]] DeleteReport run(std::stop_token stop);

  private:
    [[nodiscard]] model::Digest find_digest(const store::LayoutIndex& index,
                                            const std::stop_token& stop) const;
    [[nodiscard]] std::vector<model::Digest> unneeded(const store::LayoutIndex& rest,
                                                      const std::stop_token& stop);

    std::unique_ptr<store::ImageStore> store_;
    store::Location location_;
    std::optional<model::Descriptor> root_;  ///< found by plan()
    DeleteReport report_;
};

/// Takes the name of `location` away; the image stays in the layout. Throws NotFound; UsageError
/// where several images have the name, or none is given.
[[nodiscard]] DeleteReport untag_in_layout(const store::Location& location);

}  // namespace regtool::ops
