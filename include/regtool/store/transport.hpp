#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/model/digest.hpp"

namespace regtool::store {

/// Where an image can be; the prefixes are those that skopeo's users know.
enum class Transport {
    registry,        ///< `[docker://]REFERENCE`
    layout,          ///< `oci:DIR`
    layout_archive,  ///< `oci-archive:FILE`
    docker_archive,  ///< `docker-archive:FILE`
    folder,          ///< `dir:DIR`
};

/// An IMAGE argument taken apart, not looked at yet.
struct Location {
    Transport transport = Transport::registry;
    std::string path;  ///< folder or file, `-` for a standard stream; a registry's reference
    std::optional<std::string> name;      ///< what stands behind the path's colon
    std::optional<model::Digest> digest;  ///< what stands behind the last `@`; it decides
    std::optional<std::size_t> position;  ///< `docker-archive:FILE:@N`, from 0

    /// The argument again: "oci:DIR:NAME".
    [[nodiscard]] std::string str() const;
    /// Without name and digest: "oci:DIR".
    [[nodiscard]] std::string place() const;

    /// The path is a standard stream.
    [[nodiscard]] bool is_stream() const noexcept { return path == "-"; }
};

/// `oci:DIR[:NAME|@DIGEST]`, `oci-archive:FILE[:NAME|@DIGEST]`, `docker-archive:FILE[:NAME|:@N]`,
/// `dir:DIR[@DIGEST]`; everything else is a registry's. The path ends at the first colon, as for
/// skopeo. Throws UsageError for an empty path or name and for a malformed digest.
[[nodiscard]] Location parse_location(std::string_view image);

/// "oci", "docker-archive", …; "docker" for registries.
[[nodiscard]] std::string_view to_string(Transport transport) noexcept;

/// Whether other tools take this as `org.opencontainers.image.ref.name`: alphanumeric parts joined
/// by one of `-._:@+` or by `--`, with `/` between (OCL-07).
[[nodiscard]] bool is_valid_layout_name(std::string_view name) noexcept;
/// Throws UsageError where it is not.
void require_layout_name(std::string_view name);

}  // namespace regtool::store
