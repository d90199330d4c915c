#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/layer/merged_tree.hpp"
#include "regtool/model/descriptor.hpp"
#include "regtool/model/platform.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/layer_contents.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// One image opened to look inside. The store and the cache must outlive it.
struct ImageView {
    std::string reference;
    std::string digest;  ///< of the image manifest
    std::vector<model::Descriptor> layers;
    std::unique_ptr<LayerContents> contents;
};

/// What will be asked of the layers.
enum class ViewUse {
    names,     ///< what there is
    contents,  ///< files' bytes too: what is fetched is kept for a second reading
    compare,   ///< the same, and nobody's word is taken for what a layer holds
    unpack,    ///< all of it: what layers unpack to is compared with the configuration (DIF-02)
};

/// Nothing of the layers is read yet. `cache`, if not null, is where their indexes are looked for
/// and kept. Throws as choose_image().
[[nodiscard]] ImageView open_view(store::ImageStore& store,
                                  const std::optional<model::Platform>& wanted,
                                  ViewUse use,
                                  ProgressListener& progress,
                                  std::stop_token stop,
                                  const LayerIndexCache* cache = nullptr,
                                  Reading reading = Reading::least);

/// The same of an image that was chosen before.
[[nodiscard]] ImageView open_view(store::ImageStore& store,
                                  const ChosenImage& chosen,
                                  ViewUse use,
                                  ProgressListener& progress,
                                  const std::stop_token& stop,
                                  const LayerIndexCache* cache = nullptr,
                                  Reading reading = Reading::least);

/// The merged view of all layers, which are read two at a time.
[[nodiscard]] layer::MergedTree merge_layers(ImageView& view,
                                             int jobs,
                                             layer::MergedTree::Options options = {});

/// The object at a path. Throws NotFound, saying which layer deleted it if one did;
/// InvalidDocument when links go round in circles.
[[nodiscard]] layer::MergedTree::NodeId locate(
    const layer::MergedTree& tree,
    std::string_view path,
    layer::MergedTree::Last last,
    layer::MergedTree::Which which = layer::MergedTree::Which::existing);
[[noreturn]] void throw_missing(const layer::MergedTree& tree,
                                std::string_view path,
                                const layer::MergedTree::Resolution& resolution);

/// One line for each layer: what was fetched of it and what that was checked against.
[[nodiscard]] std::vector<std::string> fetch_summary(const ImageView& view);

}  // namespace regtool::ops
