#include "soci_index.hpp"

#include "index_artifact.hpp"

namespace regtool::ops {

namespace {

constexpr const char* kNamedIndex = "com.amazon.soci.index-digest";
constexpr const char* kZtocLayer = "com.amazon.soci.image-layer-digest";
/// An index also lists what should be fetched ahead, under a type of its own.
constexpr std::string_view kZtocType = "application/octet-stream";

}  // namespace

std::optional<model::Digest> soci_index_of(const model::ImageManifest& image) {
    const auto named = image.annotations.find(kNamedIndex);
    const auto digest =
        named == image.annotations.end() ? std::nullopt : model::Digest::try_parse(named->second);
    return digest && digest->verifier() ? digest : std::nullopt;
}

bool is_soci_index_about(const model::Manifest& index, const model::Digest& image) {
    const model::Descriptor* subject = index.subject();
    return index.referrer_descriptor().artifact_type == kSociReferrerType && subject != nullptr &&
           subject->digest == image;
}

const model::Descriptor* ztoc_in_index(const model::Manifest& index, const model::Digest& layer) {
    const model::ImageManifest* content = index.image();
    return content == nullptr ? nullptr : blob_about_layer(*content, kZtocType, kZtocLayer, layer);
}

}  // namespace regtool::ops
