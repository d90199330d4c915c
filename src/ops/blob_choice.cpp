#include "regtool/ops/blob_choice.hpp"

#include "regtool/base/error.hpp"
#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

namespace {

ChosenBlob from_descriptor(const model::Descriptor& descriptor, const std::string& kind) {
    return {{descriptor.digest, descriptor.size},
            descriptor.media_type,
            kind + " " + std::string(descriptor.digest.short_form())};
}

}  // namespace

ChosenBlob choose_blob(store::ImageStore& store,
                       const std::optional<model::Digest>& digest,
                       const BlobSelector& selector,
                       const std::optional<model::Platform>& wanted,
                       std::stop_token stop) {
    if (!selector.layer.empty() && selector.config) {
        throw base::UsageError("--layer and --config exclude each other");
    }
    if (selector.layer.empty() && !selector.config) {
        if (!digest) {
            base::UsageError error(store.name() + " names no blob");
            error.add_context("a blob is REPO@DIGEST, or IMAGE --layer N, or IMAGE --config");
            throw error;
        }
        return {{*digest, std::nullopt}, "", "blob " + std::string(digest->short_form())};
    }
    const ChosenImage chosen = choose_image(store, wanted, stop);
    const model::ImageManifest& image = require_image(chosen.manifest, store.name());
    if (selector.config) {
        return from_descriptor(image.config, "config");
    }
    return from_descriptor(image.layers[select_layer(image, selector.layer)], "layer");
}

}  // namespace regtool::ops
