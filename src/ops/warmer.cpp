#include "regtool/ops/warmer.hpp"

#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/indexed_contents.hpp"

namespace regtool::ops {

WarmReport warm(store::ImageStore& store,
                const std::optional<model::Platform>& wanted,
                const LayerIndexCache& cache,
                int jobs,
                ProgressListener& progress,
                const std::stop_token& stop) {
    const ChosenImage chosen = choose_image(store, wanted, stop);
    const model::ImageManifest& image = require_image(chosen.manifest, store.name());
    const auto contents = make_indexed_contents(store, image.layers, progress, stop, {}, cache,
                                                {.keep = KeepIndex::or_fail});
    const auto tables = load_tables(*contents, jobs);
    WarmReport report{store.name(), chosen.manifest.digest().str(), {}};
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const model::Descriptor& layer = image.layers[i];
        report.layers.push_back({layer.digest.str(), layer.size, tables[i]->size(),
                                 cache.bytes_of(layer.digest),
                                 contents->fetched(i).checked == Checked::unread});
    }
    return report;
}

}  // namespace regtool::ops
