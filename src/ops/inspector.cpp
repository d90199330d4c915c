#include "regtool/ops/inspector.hpp"

#include "regtool/ops/image_choice.hpp"

namespace regtool::ops {

namespace {

std::string kind_of_child(const model::Descriptor& child) {
    if (child.is_attestation()) {
        return "attestation";
    }
    return child.artifact_type.empty() ? "image" : "artifact";
}

PlatformRow row_of(const model::Descriptor& child) {
    PlatformRow row;
    row.platform = child.platform ? child.platform->str() : "";
    row.digest = child.digest.str();
    row.media_type = child.media_type;
    row.size = child.size;
    row.kind = kind_of_child(child);
    if (const auto found = child.annotations.find("vnd.docker.reference.digest");
        found != child.annotations.end()) {
        row.describes = found->second;
    }
    return row;
}

void describe_config(InspectReport& report, const model::ImageConfig& config) {
    report.platform = config.platform.str();
    report.created = config.created;
    report.author = config.author;
    report.user = config.user;
    report.working_dir = config.working_dir;
    report.stop_signal = config.stop_signal;
    report.entrypoint = config.entrypoint;
    report.cmd = config.cmd;
    report.env = config.env;
    report.exposed_ports = config.exposed_ports;
    report.volumes = config.volumes;
    report.labels = config.labels;
}

void describe_image(InspectReport& report,
                    store::ImageStore& store,
                    const model::Manifest& manifest,
                    const std::stop_token& stop) {
    const model::ImageManifest& image = *manifest.image();
    report.image_digest = manifest.digest().str();
    report.image_id = image.config.digest.str();
    report.artifact_type = image.artifact_type;
    report.size = manifest.bytes().size() + image.config.size;
    report.annotations.insert(image.annotations.begin(), image.annotations.end());
    for (std::size_t i = 0; i < image.layers.size(); ++i) {
        const model::Descriptor& layer = image.layers[i];
        report.layers.push_back({i, layer.digest.str(), layer.media_type, layer.size});
        report.size += layer.size;
    }
    if (image.is_image()) {
        describe_config(report, model::ImageConfig::parse(fetch_config(store, manifest, stop)));
    }
}

/// The image of an index to describe; nullopt when nobody asked for a platform and this machine's
/// is not there.
std::optional<ChosenImage> choose_described(store::ImageStore& store,
                                            const model::Manifest& root,
                                            const std::optional<model::Platform>& wanted,
                                            const std::stop_token& stop) {
    if (!wanted && root.index() != nullptr &&
        model::select_platform(*root.index(), default_platform()) == nullptr) {
        return std::nullopt;
    }
    return choose_image(store, root, wanted, stop);
}

}  // namespace

InspectReport inspect(store::ImageStore& store,
                      const std::optional<model::Platform>& wanted,
                      std::stop_token stop) {
    const model::Manifest root = store.root(stop);
    InspectReport report;
    report.reference = store.name();
    report.digest = root.digest().str();
    report.media_type = root.media_type();
    if (const model::IndexManifest* index = root.index()) {
        report.annotations = index->annotations;
        report.artifact_type = index->artifact_type;
        for (const model::Descriptor& child : index->manifests) {
            report.platforms.push_back(row_of(child));
        }
    }
    const auto chosen = choose_described(store, root, wanted, stop);
    if (chosen && chosen->manifest.image() != nullptr) {
        describe_image(report, store, chosen->manifest, stop);
        if (chosen->platform) {
            report.platform = chosen->platform->str();
        }
    }
    return report;
}

}  // namespace regtool::ops
