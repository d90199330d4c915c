#include "index_artifact.hpp"

#include <algorithm>

#include "regtool/model/media_type.hpp"
#include "small_blob.hpp"

namespace regtool::ops {

namespace {

/// All that is put in is digests, sizes and media types: nothing needs to be escaped.
std::string descriptor(std::string_view type, const model::Digest& digest, std::uint64_t size) {
    return R"({"mediaType":")" + std::string(type) + R"(","digest":")" + digest.str() +
           R"(","size":)" + std::to_string(size);
}

}  // namespace

model::Manifest make_index_artifact(const model::Descriptor& image,
                                    const std::vector<IndexBlob>& indexes) {
    const std::string type(model::media_type::kOciManifest);
    std::string text = R"({"schemaVersion":2,"mediaType":")" + type + R"(","artifactType":")" +
                       std::string(kLayerIndexType) + R"(","config":)" +
                       descriptor(model::media_type::kOciEmpty,
                                  model::Digest::sha256_of(kEmptyConfig), kEmptyConfig.size()) +
                       R"(},"layers":[)";
    std::string_view separator;
    for (const IndexBlob& index : indexes) {
        text += separator;
        text += descriptor(kLayerIndexType, index.digest, index.size) + R"(,"annotations":{")" +
                kIndexedLayer + R"(":")" + index.layer.str() + R"("}})";
        separator = ",";
    }
    text += R"(],"subject":)" + descriptor(image.media_type, image.digest, image.size) + "}}";
    return model::Manifest::parse(std::move(text), type);
}

const model::Descriptor* index_in_artifact(const model::Manifest& artifact,
                                           const model::Digest& image,
                                           const model::Digest& layer) {
    const model::ImageManifest* content = artifact.image();
    if (content == nullptr || content->artifact_type != kLayerIndexType || !content->subject ||
        content->subject->digest != image) {
        return nullptr;
    }
    return blob_about_layer(*content, kLayerIndexType, kIndexedLayer, layer);
}

const model::Descriptor* blob_about_layer(const model::ImageManifest& artifact,
                                          std::string_view type,
                                          const char* annotation,
                                          const model::Digest& layer) {
    const auto found =
        std::find_if(artifact.layers.begin(), artifact.layers.end(), [&](const auto& blob) {
            const auto named = blob.annotations.find(annotation);
            return blob.media_type == type && named != blob.annotations.end() &&
                   named->second == layer.str();
        });
    return found == artifact.layers.end() ? nullptr : &*found;
}

}  // namespace regtool::ops
