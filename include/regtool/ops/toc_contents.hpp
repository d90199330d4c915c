#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "regtool/ops/layer_contents.hpp"

namespace regtool::ops {

/// Layers with a table of contents of their own that the manifest vouches for (eStargz,
/// zstd:chunked) are known by it: a listing moves the table, a file the stored bytes that hold it,
/// each piece checked by its hash before it is used. Other layers are `others`' business. What such
/// a table says was never compared with the layer's tar or diffID, and its entries need not be
/// numbered as those of the tar. Borrows all but the list of layers and `others`.
[[nodiscard]] std::unique_ptr<LayerContents> make_toc_contents(
    store::ImageStore& store,
    std::vector<model::Descriptor> layers,
    ProgressListener& progress,
    std::stop_token stop,
    std::shared_ptr<LayerContents> others);

}  // namespace regtool::ops
