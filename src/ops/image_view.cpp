#include "regtool/ops/image_view.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/image_config.hpp"
#include "regtool/ops/indexed_contents.hpp"
#include "regtool/ops/toc_contents.hpp"
#include "soci_index.hpp"

namespace regtool::ops {

using layer::MergedTree;

namespace {

/// Who may attach an index to an image may move its tag as well: for an image that was named by a
/// tag a published index lets nobody in who was not in already. For one that was named by its
/// digest it would.
bool may_believe_publisher(const store::ImageStore& store) {
    return store.repository() && !store.named_digest();
}

/// What the layers must unpack to, one digest each (DIF-02).
std::vector<model::Digest> diff_ids_of(const model::ImageConfig& config,
                                       const model::ImageManifest& image) {
    if (!config.rootfs_type.empty() && config.rootfs_type != "layers") {
        throw base::InvalidDocument("the configuration's rootfs is of type '" +
                                    base::printable(config.rootfs_type, 100) + "', not of layers");
    }
    if (config.diff_ids.size() != image.layers.size()) {
        throw base::IntegrityError(
            "the configuration speaks of " + std::to_string(config.diff_ids.size()) +
            " layers, the manifest of " + std::to_string(image.layers.size()));
    }
    return config.diff_ids;
}

}  // namespace

ImageView open_view(store::ImageStore& store,
                    const std::optional<model::Platform>& wanted,
                    ViewUse use,
                    ProgressListener& progress,
                    std::stop_token stop,
                    const LayerIndexCache* cache,
                    Reading reading) {
    return open_view(store, choose_image(store, wanted, stop), use, progress, stop, cache, reading);
}

ImageView open_view(store::ImageStore& store,
                    const ChosenImage& chosen,
                    ViewUse use,
                    ProgressListener& progress,
                    const std::stop_token& stop,
                    const LayerIndexCache* cache,
                    Reading reading) {
    const model::ImageManifest& image = require_image(chosen.manifest, store.name());
    FullReadOptions options;
    options.keep = use != ViewUse::names;
    if (use == ViewUse::unpack && image.is_image()) {
        options.diff_ids = diff_ids_of(
            model::ImageConfig::parse(fetch_config(store, chosen.manifest, stop)), image);
    }
    std::unique_ptr<LayerContents> contents;
    if (cache != nullptr) {
        IndexedOptions how{.reading = reading};
        if (use != ViewUse::unpack && use != ViewUse::compare) {
            how.published.soci = soci_index_of(image);
            if (may_believe_publisher(store)) {
                how.published.referrers_of = chosen.manifest.digest();
            }
        }
        contents = make_indexed_contents(store, image.layers, progress, stop, std::move(options),
                                         *cache, how);
    } else {
        const bool toc = reading == Reading::least && options.diff_ids.empty();
        contents = make_full_read_contents(store, image.layers, progress, stop, std::move(options));
        if (toc) {
            contents = make_toc_contents(store, image.layers, progress, stop, std::move(contents));
        }
    }
    return {store.name(), chosen.manifest.digest().str(), image.layers, std::move(contents)};
}

MergedTree merge_layers(ImageView& view, int jobs, MergedTree::Options options) {
    return MergedTree(load_tables(*view.contents, jobs), options);
}

void throw_missing(const MergedTree& tree,
                   std::string_view path,
                   const MergedTree::Resolution& resolution) {
    const std::string shown = "'" + base::printable(path, 200) + "'";
    if (resolution.outcome == MergedTree::Outcome::loop) {
        throw base::InvalidDocument(shown + ": its symbolic links go round in circles");
    }
    base::NotFound error("the image has no " + shown);
    if (resolution.node != MergedTree::kNone) {
        error.add_context("layer " + std::to_string(tree.layer(resolution.node)) + " deleted '/" +
                          base::printable(tree.path(resolution.node), 200) + "'");
        error.set_hint("regtool blame IMAGE PATH tells its story");
    }
    throw error;
}

MergedTree::NodeId locate(const MergedTree& tree,
                          std::string_view path,
                          MergedTree::Last last,
                          MergedTree::Which which) {
    const MergedTree::Resolution resolution = tree.resolve(path, last, which);
    if (resolution.outcome != MergedTree::Outcome::found) {
        throw_missing(tree, path, resolution);
    }
    return resolution.node;
}

std::vector<std::string> fetch_summary(const ImageView& view) {
    std::vector<std::string> lines;
    for (std::size_t i = view.layers.size(); i-- > 0;) {
        const LayerFetch fetch = view.contents->fetched(i);
        lines.push_back(
            "layer " + std::to_string(i) + " " + std::string(view.layers[i].digest.short_form()) +
            ": " + base::human_size(fetch.bytes) + " of " + base::human_size(view.layers[i].size) +
            " fetched, " + std::string(to_string(fetch.checked)) +
            (fetch.note.empty() ? "" : "; " + fetch.note));
    }
    return lines;
}

}  // namespace regtool::ops
