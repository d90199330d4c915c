#include "regtool/model/descriptor.hpp"

#include "model/json_fields.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

Digest digest_member(const Json& json, const std::string& where) {
    const std::string text = string_member(json, "digest", where);
    if (auto digest = Digest::try_parse(text)) {
        return *digest;
    }
    throw_invalid(where + ".digest", "'" + base::printable(text, 100) + "' is no digest");
}

Platform platform_member(const Json& json, const std::string& where) {
    if (!json.is_object()) {
        throw_invalid(where, "must be an object");
    }
    Platform platform;
    platform.os = string_member(json, "os", where);
    platform.architecture = string_member(json, "architecture", where);
    platform.variant = string_member(json, "variant", where);
    platform.os_version = string_member(json, "os.version", where);
    platform.os_features = string_list(json, "os.features", where);
    return platform;
}

/// Embedded content counts only when it is what the descriptor says (DIG-10).
std::string checked_data(const std::string& encoded,
                         const Descriptor& descriptor,
                         const std::string& where) {
    const auto data = base::base64_decode(encoded);
    if (!data) {
        throw_invalid(where + ".data", "is no base64");
    }
    const auto verifier = descriptor.digest.verifier();
    if (data->size() != descriptor.size ||
        (verifier && Digest::of(*verifier, *data) != descriptor.digest)) {
        throw base::IntegrityError(where +
                                   ".data: does not match the descriptor's digest and size");
    }
    return *data;
}

}  // namespace

bool Descriptor::is_attestation() const {
    const auto found = annotations.find("vnd.docker.reference.type");
    return found != annotations.end() && found->second == "attestation-manifest";
}

bool Descriptor::same_content(const Descriptor& other) const {
    return media_type == other.media_type && digest == other.digest && size == other.size;
}

Descriptor parse_descriptor(const nlohmann::ordered_json& json, const std::string& where) {
    if (!json.is_object()) {
        throw_invalid(where, "must be an object");
    }
    Descriptor descriptor{
        string_member(json, "mediaType", where), digest_member(json, where), 0, {}, {}, {}, {}, {}};
    const Json* size = find_member(json, "size");
    if (size == nullptr) {
        throw_invalid(where + ".size", "is missing");
    }
    descriptor.size = size_of_json(*size, where + ".size");
    if (const Json* platform = find_member(json, "platform")) {
        descriptor.platform = platform_member(*platform, where + ".platform");
    }
    descriptor.annotations = string_map(json, "annotations", where);
    descriptor.artifact_type = string_member(json, "artifactType", where);
    for (std::string& url : string_list(json, "urls", where)) {
        // Other schemes are not followed by anyone (DIG-12).
        if (url.starts_with("https://") || url.starts_with("http://")) {
            descriptor.urls.push_back(std::move(url));
        }
    }
    if (const Json* data = find_member(json, "data"); data != nullptr && data->is_string()) {
        descriptor.data = checked_data(data->get<std::string>(), descriptor, where);
    }
    return descriptor;
}

}  // namespace regtool::model
