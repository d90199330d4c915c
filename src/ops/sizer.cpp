#include "regtool/ops/sizer.hpp"

#include <algorithm>
#include <map>

#include "regtool/base/guarded.hpp"
#include "regtool/model/image_config.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/layer_listing.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

namespace {

struct Measured {
    model::Manifest manifest;
    std::string platform;
};

/// Every image below an index, attestations and artifacts left out, in index order.
std::vector<Measured> images_below(store::ImageStore& store,
                                   const model::Manifest& root,
                                   int jobs,
                                   const std::stop_token& stop) {
    std::vector<const model::Descriptor*> children;
    for (const model::Descriptor& child : root.index()->manifests) {
        if (!child.is_attestation() &&
            model::kind_of(child.media_type) == model::MediaKind::manifest) {
            children.push_back(&child);
        }
    }
    std::vector<std::optional<Measured>> slots(children.size());
    parallel_for(children.size(), jobs, [&](std::size_t i) {
        const model::Descriptor& child = *children[i];
        slots[i] =
            Measured{store.manifest(child, stop), child.platform ? child.platform->str() : ""};
    });
    std::vector<Measured> images;
    for (auto& slot : slots) {
        if (slot && slot->manifest.image() != nullptr) {
            images.push_back(std::move(*slot));
        }
    }
    return images;
}

std::map<model::Digest, std::uint64_t> blobs_of(const model::Manifest& manifest) {
    std::map<model::Digest, std::uint64_t> blobs;
    blobs.emplace(manifest.digest(), manifest.bytes().size());
    const model::ImageManifest& image = *manifest.image();
    blobs.emplace(image.config.digest, image.config.size);
    for (const model::Descriptor& layer : image.layers) {
        blobs.emplace(layer.digest, layer.size);
    }
    return blobs;
}

/// What each layer unpacks to; a layer that several platforms share is read once.
std::map<model::Digest, std::uint64_t> unpacked_sizes(store::ImageStore& store,
                                                      const std::vector<Measured>& images,
                                                      int jobs,
                                                      ProgressListener& progress,
                                                      const std::stop_token& stop) {
    std::map<model::Digest, const model::Descriptor*> layers;
    for (const Measured& image : images) {
        for (const model::Descriptor& layer : image.manifest.image()->layers) {
            layers.emplace(layer.digest, &layer);
        }
    }
    std::vector<const model::Descriptor*> list;
    for (const auto& [digest, layer] : layers) {
        list.push_back(layer);
    }
    base::Guarded<std::map<model::Digest, std::uint64_t>> sizes;
    // Two at a time: each inflates on a core and keeps a pipe and a codec window.
    parallel_for(list.size(), std::min(jobs, 2), [&](std::size_t i) {
        const std::uint64_t size = measure_unpacked(store, *list[i], progress, stop);
        sizes.with([&](auto& known) { known.emplace(list[i]->digest, size); });
    });
    return sizes.with([](auto& known) { return std::move(known); });
}

PlatformSize row_of(const Measured& image, const std::map<model::Digest, int>& users) {
    PlatformSize row;
    row.platform = image.platform;
    row.digest = image.manifest.digest().str();
    row.layers = image.manifest.image()->layers.size();
    for (const auto& [digest, size] : blobs_of(image.manifest)) {
        row.compressed += size;
        (users.at(digest) > 1 ? row.shared : row.unique) += size;
    }
    return row;
}

}  // namespace

SizeReport measure_size(store::ImageStore& store,
                        const std::optional<model::Platform>& wanted,
                        ReadLayers read_layers,
                        int jobs,
                        ProgressListener& progress,
                        std::stop_token stop) {
    const model::Manifest root = store.root(stop);
    std::vector<Measured> images;
    if (root.index() != nullptr && !wanted) {
        images = images_below(store, root, jobs, stop);
    } else {
        ChosenImage chosen = choose_image(store, wanted, stop);
        (void)require_image(chosen.manifest, store.name());
        const model::Platform platform =
            chosen.platform
                ? *chosen.platform
                : model::ImageConfig::parse(fetch_config(store, chosen.manifest, stop)).platform;
        images.push_back({std::move(chosen.manifest), platform.str()});
    }

    SizeReport report;
    report.reference = store.name();
    report.digest = root.digest().str();
    report.total = root.index() != nullptr ? root.bytes().size() : 0;
    std::map<model::Digest, int> users;
    for (const Measured& image : images) {
        for (const auto& [digest, size] : blobs_of(image.manifest)) {
            report.total += users[digest]++ == 0 ? size : 0;
        }
    }
    std::map<model::Digest, std::uint64_t> unpacked;
    if (read_layers == ReadLayers::yes) {
        unpacked = unpacked_sizes(store, images, jobs, progress, stop);
    }
    for (const Measured& image : images) {
        PlatformSize row = row_of(image, users);
        if (read_layers == ReadLayers::yes) {
            row.unpacked = 0;
            for (const model::Descriptor& layer : image.manifest.image()->layers) {
                *row.unpacked += unpacked.at(layer.digest);
            }
        }
        report.platforms.push_back(std::move(row));
    }
    return report;
}

}  // namespace regtool::ops
