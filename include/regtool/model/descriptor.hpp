#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "regtool/model/digest.hpp"
#include "regtool/model/platform.hpp"

namespace regtool::model {

using Annotations = std::map<std::string, std::string>;

/// image-spec descriptor.md. A parsed view: never written back in place of the bytes it came from.
struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size = 0;  ///< bytes
    std::optional<Platform> platform;
    Annotations annotations;
    std::string artifact_type;
    std::vector<std::string> urls;
    std::optional<std::string> data;  ///< decoded, checked against digest and size (DIG-10)

    /// BuildKit's attestation children: never chosen by platform (MED-29).
    [[nodiscard]] bool is_attestation() const;
    /// Equal iff mediaType, digest and size are (DIG-13).
    [[nodiscard]] bool same_content(const Descriptor& other) const;
};

/// Throws InvalidDocument naming `where` (e.g. "layers[2]") for a missing or malformed field
/// (DIG-06).
[[nodiscard]] Descriptor parse_descriptor(const nlohmann::ordered_json& json,
                                          const std::string& where);

}  // namespace regtool::model
