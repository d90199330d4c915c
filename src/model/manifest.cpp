#include "regtool/model/manifest.hpp"

#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::model {

bool ImageManifest::is_image() const {
    return artifact_type.empty() && kind_of(config.media_type) == MediaKind::config;
}

Manifest::Manifest(std::string bytes, Digest digest, std::string media_type, Content content)
    : bytes_(std::move(bytes)),
      digest_(std::move(digest)),
      media_type_(std::move(media_type)),
      content_(std::move(content)) {}

Descriptor Manifest::descriptor() const {
    return {media_type_, digest_, bytes_.size(), std::nullopt, {}, {}, {}, std::nullopt};
}

Descriptor Manifest::referrer_descriptor() const {
    Descriptor own = descriptor();
    if (const ImageManifest* manifest = image()) {
        own.artifact_type =
            manifest->artifact_type.empty() ? manifest->config.media_type : manifest->artifact_type;
        own.annotations = manifest->annotations;
    } else if (const IndexManifest* list = index()) {
        own.artifact_type = list->artifact_type;
        own.annotations = list->annotations;
    }
    return own;
}

const Descriptor* Manifest::subject() const noexcept {
    const std::optional<Descriptor>* subject = nullptr;
    if (const ImageManifest* manifest = image()) {
        subject = &manifest->subject;
    } else if (const IndexManifest* list = index()) {
        subject = &list->subject;
    }
    return subject != nullptr && *subject ? &**subject : nullptr;
}

namespace {

bool is_candidate(const Descriptor& child) {
    const MediaKind kind = kind_of(child.media_type);
    return !child.is_attestation() && (kind == MediaKind::manifest || kind == MediaKind::index);
}

}  // namespace

const Descriptor* select_platform(const IndexManifest& index, const Platform& wanted) {
    const Descriptor* best = nullptr;
    int best_rank = 0;
    const Descriptor* untyped = nullptr;
    std::size_t candidates = 0;
    for (const Descriptor& child : index.manifests) {
        if (!is_candidate(child)) {
            continue;
        }
        ++candidates;
        if (!child.platform || child.platform->is_unknown()) {
            untyped = child.platform ? untyped : &child;
            continue;
        }
        const auto rank = match_rank(wanted, *child.platform);
        if (rank && (best == nullptr || *rank < best_rank)) {
            best = &child;
            best_rank = *rank;
        }
    }
    if (best != nullptr) {
        return best;
    }
    // An index around one image that says no platform, or a nested index, can only mean that one.
    return candidates == 1 ? untyped : nullptr;
}

std::string offered_platforms(const IndexManifest& index) {
    std::string list;
    for (const Descriptor& child : index.manifests) {
        if (is_candidate(child) && child.platform && !child.platform->is_unknown()) {
            list += (list.empty() ? "" : ", ") + child.platform->str();
        }
    }
    return list;
}

}  // namespace regtool::model
