#include "regtool/ops/history.hpp"

#include <algorithm>

#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

namespace {

HistoryStep step_of(const model::HistoryEntry& entry) {
    HistoryStep step;
    step.created = entry.created;
    step.created_by = entry.created_by;
    step.comment = entry.comment;
    step.empty = entry.empty_layer;
    return step;
}

void attach_layer(HistoryStep& step,
                  const std::vector<model::Descriptor>& layers,
                  std::size_t position) {
    step.layer = position;
    step.layer_digest = layers[position].digest.str();
    step.size = layers[position].size;
}

/// Images made without a history still have layers to show.
std::vector<HistoryStep> steps_from_layers(const std::vector<model::Descriptor>& layers) {
    std::vector<HistoryStep> steps(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        attach_layer(steps[i], layers, i);
    }
    return steps;
}

}  // namespace

HistoryReport read_history(store::ImageStore& store,
                           const std::optional<model::Platform>& wanted,
                           std::stop_token stop) {
    const ChosenImage chosen = choose_image(store, wanted, stop);
    const auto config = model::ImageConfig::parse(fetch_config(store, chosen.manifest, stop));
    const std::vector<model::Descriptor>& layers = chosen.manifest.image()->layers;

    HistoryReport report;
    report.reference = store.name();
    report.digest = chosen.manifest.digest().str();
    report.platform = (chosen.platform ? *chosen.platform : config.platform).str();
    if (config.history.empty()) {
        report.steps = steps_from_layers(layers);
        return report;
    }
    const auto filled = std::count_if(config.history.begin(), config.history.end(),
                                      [](const auto& entry) { return !entry.empty_layer; });
    report.matched = static_cast<std::size_t>(filled) == layers.size();
    std::size_t next_layer = 0;
    for (const model::HistoryEntry& entry : config.history) {
        HistoryStep step = step_of(entry);
        if (report.matched && !entry.empty_layer) {
            attach_layer(step, layers, next_layer++);
        }
        report.steps.push_back(std::move(step));
    }
    return report;
}

}  // namespace regtool::ops
