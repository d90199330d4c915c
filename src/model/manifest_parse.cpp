#include <algorithm>
#include <array>

#include "model/json_fields.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::model {

namespace {

/// Members that tell the kinds apart, whatever their letter case (MED-23).
struct Shape {
    bool manifests = false;
    bool layers = false;
    bool config = false;
    bool fs_layers = false;
    bool history = false;
};

Shape shape_of(const Json& json) {
    Shape shape;
    for (const auto& [name, value] : json.items()) {
        const std::string lower = base::to_lower(name);
        shape.manifests = shape.manifests || lower == "manifests";
        shape.layers = shape.layers || lower == "layers";
        shape.config = shape.config || lower == "config";
        shape.fs_layers = shape.fs_layers || lower == "fslayers";
        shape.history = shape.history || lower == "history";
    }
    return shape;
}

void refuse_mixture(const Shape& shape, MediaKind kind) {
    const bool index_and_more =
        shape.manifests && (shape.layers || shape.config || shape.fs_layers || shape.history);
    const bool image_and_schema1 =
        kind == MediaKind::manifest && (shape.fs_layers || shape.history);
    if (index_and_more || image_and_schema1) {
        throw base::IntegrityError("the manifest can be read as two kinds of document");
    }
}

/// The exact spelling of a telling member is part of the contract: "Layers" is another name.
void refuse_misspelt(const Json& json) {
    for (const auto& [name, value] : json.items()) {
        constexpr std::array<std::string_view, 5> kTelling{"manifests", "layers", "config",
                                                           "schemaVersion", "mediaType"};
        for (const std::string_view telling : kTelling) {
            if (name != telling && base::equals_ignore_case(name, telling)) {
                throw base::IntegrityError("the manifest has a member '" + base::printable(name) +
                                           "' beside '" + std::string(telling) + "'");
            }
        }
    }
}

std::string guessed_type(const Json& json, const Shape& shape) {
    if (shape.manifests) {
        return std::string(media_type::kOciIndex);
    }
    if (shape.layers || shape.config) {
        return std::string(media_type::kOciManifest);
    }
    if (shape.fs_layers) {
        return std::string(find_member(json, "signatures") != nullptr
                               ? media_type::kDockerSchema1Signed
                               : media_type::kDockerSchema1);
    }
    throw base::InvalidDocument("the document is no manifest: it has neither manifests nor layers");
}

bool is_manifest_type(std::string_view type) {
    const MediaKind kind = kind_of(type);
    return kind == MediaKind::index || kind == MediaKind::manifest || kind == MediaKind::schema1 ||
           essence(type) == media_type::kOciArtifact;
}

/// What the document is, from the parent, the body and the transport, which must not contradict
/// each other.
std::string settled_type(const Json& json,
                         const Shape& shape,
                         std::string_view content_type,
                         std::string_view expected_type) {
    const std::string body = essence(string_member(json, "mediaType", "manifest"));
    const std::string header = essence(content_type);
    const std::string parent = essence(expected_type);
    if (!parent.empty()) {
        if (!body.empty() && body != parent) {
            throw base::IntegrityError("the manifest says it is " + base::printable(body) +
                                       ", its descriptor says " + base::printable(parent));
        }
        return parent;
    }
    if (!body.empty()) {
        if (is_manifest_type(header) && header != body) {
            throw base::IntegrityError("the manifest says it is " + base::printable(body) +
                                       ", the registry calls it " + base::printable(header));
        }
        return body;
    }
    return is_manifest_type(header) ? header : guessed_type(json, shape);
}

void check_schema_version(const Json& json) {
    const Json* version = find_member(json, "schemaVersion");
    if (version == nullptr || !version->is_number_integer() || version->get<std::int64_t>() != 2) {
        throw_invalid("schemaVersion", "must be 2");
    }
}

std::vector<Descriptor> descriptor_list(const Json& json,
                                        const std::string& key,
                                        std::size_t most) {
    const Json* member = find_member(json, key);
    if (member == nullptr) {
        return {};
    }
    if (!member->is_array()) {
        throw_invalid(key, "must be an array");
    }
    if (member->size() > most) {
        throw_invalid(key, "has " + std::to_string(member->size()) + " entries, " +
                               std::to_string(most) + " is the most");
    }
    std::vector<Descriptor> list;
    list.reserve(member->size());
    for (const Json& item : *member) {
        list.push_back(parse_descriptor(item, key + "[" + std::to_string(list.size()) + "]"));
    }
    return list;
}

std::optional<Descriptor> subject_of(const Json& json) {
    const Json* subject = find_member(json, "subject");
    return subject == nullptr ? std::nullopt : std::optional(parse_descriptor(*subject, "subject"));
}

IndexManifest parse_index(const Json& json) {
    check_schema_version(json);
    return {descriptor_list(json, "manifests", kMaxIndexEntries), subject_of(json),
            string_map(json, "annotations", ""), string_member(json, "artifactType", "")};
}

ImageManifest parse_image(const Json& json) {
    check_schema_version(json);
    const Json* config = find_member(json, "config");
    if (config == nullptr) {
        throw_invalid("config", "is missing");
    }
    return {parse_descriptor(*config, "config"), descriptor_list(json, "layers", kMaxLayers),
            subject_of(json), string_map(json, "annotations", ""),
            string_member(json, "artifactType", "")};
}

Schema1Manifest parse_schema1(const Json& json) {
    Schema1Manifest manifest;
    manifest.name = string_member(json, "name", "");
    manifest.tag = string_member(json, "tag", "");
    manifest.architecture = string_member(json, "architecture", "");
    const Json* layers = find_member(json, "fsLayers");
    if (layers == nullptr || !layers->is_array() || layers->size() > kMaxLayers) {
        throw_invalid("fsLayers", "must be an array of layers");
    }
    for (const Json& layer : *layers) {
        const auto digest = layer.is_object()
                                ? Digest::try_parse(string_member(layer, "blobSum", "fsLayers"))
                                : std::nullopt;
        if (!digest) {
            throw_invalid("fsLayers", "names a blob without a digest");
        }
        manifest.layers.push_back(*digest);
    }
    // Newest first on the wire.
    std::reverse(manifest.layers.begin(), manifest.layers.end());
    return manifest;
}

}  // namespace

Manifest Manifest::parse(std::string bytes,
                         std::string_view content_type,
                         std::string_view expected_type) {
    if (bytes.size() > kMaxManifestBytes) {
        throw base::InvalidDocument("the manifest is larger than " +
                                    base::human_size(kMaxManifestBytes));
    }
    const Json json = base::parse_json(bytes, "manifest");
    if (!json.is_object()) {
        throw base::InvalidDocument("manifest: must be a JSON object");
    }
    const Shape shape = shape_of(json);
    refuse_misspelt(json);
    std::string type = settled_type(json, shape, content_type, expected_type);
    const MediaKind kind = kind_of(type);
    refuse_mixture(shape, kind);
    Digest digest = Digest::sha256_of(bytes);
    switch (kind) {
        case MediaKind::index:
            return {std::move(bytes), std::move(digest), std::move(type), parse_index(json)};
        case MediaKind::manifest:
            return {std::move(bytes), std::move(digest), std::move(type), parse_image(json)};
        case MediaKind::schema1:
            return {std::move(bytes), std::move(digest), std::move(type), parse_schema1(json)};
        case MediaKind::config:
        case MediaKind::layer:
        case MediaKind::foreign_layer:
        case MediaKind::empty:
        case MediaKind::opaque:
            break;
    }
    throw base::InvalidDocument("not a manifest but " + base::printable(type));
}

}  // namespace regtool::model
