#include "regtool/ops/image_choice.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
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
constexpr int kMaxOpened = 100;  ///< indexes in one index; each is a request

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

void require_shallow(int depth) {
    if (depth >= kMaxIndexDepth) {
        throw base::InvalidDocument("indexes nested deeper than " + std::to_string(kMaxIndexDepth));
    }
}

void require_few(int opened) {
    if (opened > kMaxOpened) {
        throw base::InvalidDocument("more than " + std::to_string(kMaxOpened) +
                                    " indexes in indexes");
    }
}

bool is_nested(const model::Descriptor& child) {
    return !child.platform && model::kind_of(child.media_type) == model::MediaKind::index;
}

struct Descended {
    model::Manifest manifest;
    std::optional<model::Platform> platform;
};

/// From an index down to one manifest for a platform. What an index offers itself comes first; else
/// its indexes that say no platform are opened, in order (PLT-12).
class Descent {
  public:
    Descent(store::ImageStore& store, const model::Platform& wanted, const std::stop_token& stop)
        : store_(store), wanted_(wanted), stop_(stop) {}

    [[nodiscard]] Descended from(const model::Manifest& root) {
        auto found = in(root, 0);
        if (!found) {
            throw no_such_platform(wanted_, offered_, store_.name());
        }
        return std::move(*found);
    }

  private:
    std::optional<Descended> in(const model::Manifest& index, int depth) {
        if (const model::Descriptor* child = model::select_platform(*index.index(), wanted_)) {
            auto found = below(*child, depth);
            if (found && !found->platform) {
                found->platform = child->platform;
            }
            return found;
        }
        const std::string offered = model::offered_platforms(*index.index());
        offered_ += (offered_.empty() || offered.empty() ? "" : ", ") + offered;
        for (const model::Descriptor& child : index.index()->manifests) {
            if (!is_nested(child)) {
                continue;
            }
            if (auto found = below(child, depth)) {
                return found;
            }
        }
        return std::nullopt;
    }

    std::optional<Descended> below(const model::Descriptor& child, int depth) {
        require_shallow(depth);
        require_few(++opened_);
        model::Manifest manifest = store_.manifest(child, stop_);
        if (manifest.index() != nullptr) {
            return in(manifest, depth + 1);
        }
        return Descended{std::move(manifest), child.platform};
    }

    store::ImageStore& store_;
    const model::Platform& wanted_;
    const std::stop_token& stop_;
    int opened_ = 0;
    std::string offered_;
};

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
    const bool is_lone =
        index != nullptr && index->manifests.size() == 1 && is_nested(index->manifests.front());
    return is_lone ? &index->manifests.front() : nullptr;
}

/// An index with the entries of the indexes in it, that say no platform, in their places.
class Flattening {
  public:
    Flattening(store::ImageStore& store, const std::stop_token& stop)
        : store_(store), stop_(stop) {}

    [[nodiscard]] model::Manifest of(const model::Manifest& root) {
        Json json = base::parse_json(root.bytes(), "index");
        Json entries = Json::array();
        add(root, json, entries, 0);
        json["manifests"] = std::move(entries);
        return model::Manifest::parse(json.dump(), root.media_type());
    }

  private:
    void add(const model::Manifest& index, Json& json, Json& entries, int depth) {
        const auto& children = index.index()->manifests;
        for (std::size_t i = 0; i < children.size(); ++i) {
            if (!is_nested(children[i])) {
                entries.push_back(std::move(json["manifests"][i]));
                continue;
            }
            require_shallow(depth);
            require_few(++opened_);
            const model::Manifest inner = store_.manifest(children[i], stop_);
            if (inner.index() == nullptr) {
                throw base::InvalidDocument(inner.digest().str() +
                                            " is listed as an index and is none");
            }
            Json inner_json = base::parse_json(inner.bytes(), "index");
            add(inner, inner_json, entries, depth + 1);
        }
    }

    store::ImageStore& store_;
    const std::stop_token& stop_;
    int opened_ = 0;
};

/// Whether what is asked for may be in indexes that were not opened yet.
bool needs_nested(const model::IndexManifest& index, const std::vector<model::Platform>& wanted) {
    const auto offers = [&index](const model::Platform& platform) {
        return model::select_platform(index, platform) != nullptr;
    };
    return !std::all_of(wanted.begin(), wanted.end(), offers) &&
           std::any_of(index.manifests.begin(), index.manifests.end(), is_nested);
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

model::Platform default_platform() {
    constexpr const char* kVariable = "DOCKER_DEFAULT_PLATFORM";
    const char* chosen = std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (chosen == nullptr || *chosen == '\0') {
        return model::Platform::host();
    }
    try {
        return model::Platform::parse(chosen);
    } catch (base::UsageError& error) {
        error.prefix(kVariable);
        throw;
    }
}

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
    const model::Platform platform = wanted ? *wanted : default_platform();
    Descended found = Descent(store, platform, stop).from(root);
    return {std::move(root), std::move(found.manifest), std::move(found.platform)};
}

model::Manifest choose_platforms(store::ImageStore& store,
                                 const model::Manifest& root,
                                 const std::vector<model::Platform>& wanted,
                                 std::stop_token stop) {
    model::Manifest current = root;
    for (int depth = 0; const model::Descriptor* inner = lone_index(current); ++depth) {
        require_shallow(depth);
        current = store.manifest(*inner, stop);
    }
    if (current.index() == nullptr) {
        for (const model::Platform& platform : wanted) {
            check_single_platform(store, current, platform, stop);
        }
        return current;
    }
    if (needs_nested(*current.index(), wanted)) {
        current = Flattening(store, stop).of(current);
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
