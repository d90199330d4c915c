#include "regtool/ops/image_choice.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::ops {

namespace {

constexpr std::size_t kMaxConfigBytes = model::kMaxManifestBytes;

using Json = nlohmann::ordered_json;

base::UsageError no_such_platform(const model::Platform& wanted,
                                  const std::string& offered,
                                  std::string_view name) {
    base::UsageError error("no image for " + wanted.str() + " in " + base::printable(name));
    error.facts().reference = std::string(name);
    if (!offered.empty()) {
        error.add_context("on offer: " + base::printable(offered));
        const std::string first = offered.substr(0, offered.find(','));
        error.set_hint("--platform " + base::printable(first));
    }
    return error;
}

struct Descended {
    model::Manifest manifest;
    std::optional<model::Platform> platform;
};

/// From an index down to one manifest for `wanted`.
Descended descend(store::ImageStore& store,
                  const model::Manifest& root,
                  const model::Platform& wanted,
                  const std::stop_token& stop) {
    model::Manifest current = root;
    std::optional<model::Platform> platform;
    for (int depth = 0; current.index() != nullptr; ++depth) {
        const model::Descriptor* child = model::select_platform(*current.index(), wanted);
        if (child == nullptr) {
            throw no_such_platform(wanted, model::offered_platforms(*current.index()),
                                   store.name());
        }
        if (depth >= kMaxIndexDepth) {
            throw base::InvalidDocument("indexes nested deeper than " +
                                        std::to_string(kMaxIndexDepth));
        }
        if (child->platform) {
            platform = child->platform;
        }
        current = store.manifest(*child, stop);
    }
    return {std::move(current), std::move(platform)};
}

/// A single image that is not what --platform asked for is an error, not a surprise.
void check_single_platform(store::ImageStore& store,
                           const model::Manifest& manifest,
                           const model::Platform& wanted,
                           const std::stop_token& stop) {
    if (manifest.image() == nullptr || !manifest.image()->is_image()) {
        return;
    }
    const auto config = model::ImageConfig::parse(fetch_config(store, manifest, stop));
    if (!config.platform.os.empty() && !model::match_rank(wanted, config.platform)) {
        throw no_such_platform(wanted, config.platform.str(), store.name());
    }
}

/// The only entry of an index, when that is an index without a platform.
const model::Descriptor* lone_index(const model::Manifest& manifest) {
    const model::IndexManifest* index = manifest.index();
    if (index == nullptr || index->manifests.size() != 1 || index->manifests.front().platform ||
        model::kind_of(index->manifests.front().media_type) != model::MediaKind::index) {
        return nullptr;
    }
    return &index->manifests.front();
}

std::vector<bool> entries_to_keep(const model::IndexManifest& index,
                                  const std::vector<model::Platform>& wanted,
                                  std::string_view name) {
    std::vector<bool> keep(index.manifests.size(), false);
    std::set<std::string> images;
    for (const model::Platform& platform : wanted) {
        const model::Descriptor* child = model::select_platform(index, platform);
        if (child == nullptr) {
            throw no_such_platform(platform, model::offered_platforms(index), name);
        }
        keep[static_cast<std::size_t>(child - index.manifests.data())] = true;
        images.insert(child->digest.str());
    }
    for (std::size_t i = 0; i < keep.size(); ++i) {
        const model::Descriptor& entry = index.manifests[i];
        const auto of = entry.annotations.find("vnd.docker.reference.digest");
        if (entry.is_attestation() && of != entry.annotations.end() &&
            images.contains(of->second)) {
            keep[i] = true;
        }
    }
    return keep;
}

std::string layers_on_offer(const model::ImageManifest& manifest) {
    if (manifest.layers.empty()) {
        return "the image has no layers";
    }
    return "the image has layers 0 to " + std::to_string(manifest.layers.size() - 1);
}

base::UsageError no_such_layer(const model::ImageManifest& manifest,
                               std::string_view selector,
                               std::string_view why) {
    base::UsageError error("layer '" + base::printable(selector, 100) + "': " + std::string(why));
    error.add_context(layers_on_offer(manifest));
    return error;
}

/// Up to four digits with an optional minus sign: an index, never a digest prefix.
std::optional<int> as_index(std::string_view selector) {
    constexpr std::size_t kMaxIndexText = 5;
    if (selector.empty() || selector.size() > kMaxIndexText) {
        return std::nullopt;
    }
    int index = 0;
    const char* const end = selector.data() + selector.size();
    const auto [rest, error] = std::from_chars(selector.data(), end, index);
    return error == std::errc{} && rest == end ? std::optional(index) : std::nullopt;
}

bool digest_starts_with(const model::Digest& digest, std::string_view prefix) {
    return digest.str().starts_with(prefix) || digest.encoded().starts_with(prefix);
}

}  // namespace

ChosenImage choose_image(store::ImageStore& store,
                         const std::optional<model::Platform>& wanted,
                         std::stop_token stop) {
    return choose_image(store, store.root(stop), wanted, stop);
}

ChosenImage choose_image(store::ImageStore& store,
                         model::Manifest root,
                         const std::optional<model::Platform>& wanted,
                         const std::stop_token& stop) {
    if (root.index() == nullptr) {
        if (wanted) {
            check_single_platform(store, root, *wanted, stop);
        }
        return {root, root, std::nullopt};
    }
    Descended found = descend(store, root, wanted ? *wanted : model::Platform::host(), stop);
    return {std::move(root), std::move(found.manifest), std::move(found.platform)};
}

model::Manifest choose_platforms(store::ImageStore& store,
                                 const model::Manifest& root,
                                 const std::vector<model::Platform>& wanted,
                                 std::stop_token stop) {
    model::Manifest current = root;
    for (int depth = 0; const model::Descriptor* inner = lone_index(current); ++depth) {
        if (depth >= kMaxIndexDepth) {
            throw base::InvalidDocument("indexes nested deeper than " +
                                        std::to_string(kMaxIndexDepth));
        }
        current = store.manifest(*inner, stop);
    }
    if (current.index() == nullptr) {
        for (const model::Platform& platform : wanted) {
            check_single_platform(store, current, platform, stop);
        }
        return current;
    }
    const std::vector<bool> keep = entries_to_keep(*current.index(), wanted, store.name());
    Json json = base::parse_json(current.bytes(), "index");
    Json kept = Json::array();
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (keep[i]) {
            kept.push_back(std::move(json["manifests"][i]));
        }
    }
    if (kept.size() == keep.size()) {
        return current;
    }
    json["manifests"] = std::move(kept);
    return model::Manifest::parse(json.dump(), current.media_type());
}

model::Manifest choose_manifest(store::ImageStore& store,
                                const std::optional<model::Platform>& wanted,
                                std::stop_token stop) {
    return wanted ? choose_image(store, wanted, stop).manifest : store.root(stop);
}

std::string fetch_config(store::ImageStore& store,
                         const model::Manifest& manifest,
                         std::stop_token stop) {
    const model::Descriptor& config = require_image(manifest, store.name()).config;
    if (config.data) {
        return *config.data;
    }
    if (config.size > kMaxConfigBytes) {
        throw base::InvalidDocument("configuration " + config.digest.str() + " is larger than " +
                                    base::human_size(kMaxConfigBytes));
    }
    stream::StringSink sink(kMaxConfigBytes);
    store.fetch_blob({config.digest, config.size}, sink, stop, {}, nullptr);
    return std::move(sink.text());
}

std::size_t select_layer(const model::ImageManifest& manifest, std::string_view selector) {
    const auto count = static_cast<int>(manifest.layers.size());
    if (const auto index = selector == "last" ? std::optional(-1) : as_index(selector)) {
        const int position = *index < 0 ? count + *index : *index;
        if (position < 0 || position >= count) {
            throw no_such_layer(manifest, selector, "no such layer");
        }
        return static_cast<std::size_t>(position);
    }
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
        if (selector.empty() || !digest_starts_with(manifest.layers[i].digest, selector)) {
            continue;
        }
        if (found && manifest.layers[*found].digest != manifest.layers[i].digest) {
            throw no_such_layer(manifest, selector, "several layers begin so");
        }
        found = found ? found : i;
    }
    if (!found) {
        throw no_such_layer(manifest, selector,
                            "neither a position nor the beginning of a layer's digest");
    }
    return *found;
}

const model::ImageManifest& require_image(const model::Manifest& manifest, std::string_view name) {
    if (const model::ImageManifest* image = manifest.image()) {
        return *image;
    }
    throw base::UsageError(base::printable(name) + " is no image manifest but " +
                           manifest.media_type());
}

}  // namespace regtool::ops
