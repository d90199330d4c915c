#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/model/digest.hpp"

namespace regtool::serve {

/// Where an entry of a layout's index.json stands in the registry.
struct ImageName {
    std::string repository;
    std::optional<std::string> tag;  ///< nullopt: reached by its digest alone

    [[nodiscard]] bool operator==(const ImageName&) const = default;
};

/// How names in a layout and in the registry correspond.
///
/// `org.opencontainers.image.ref.name` is a tag of the default repository ("v1"), or a repository
/// and a tag ("team/app:v1"); a registry's host in front ("quay.io/team/app:v1") is left out.
/// `io.containerd.image.name` is read where it says more. An entry without a name belongs to the
/// repository that its annotation `regtool.repository` says, else to the default one. nullopt for a
/// name that no repository and tag can have.
[[nodiscard]] std::optional<ImageName> name_of_entry(const nlohmann::ordered_json& entry,
                                                     const std::string& default_repository);

/// The folder's name as a repository's: lower-case, other characters than the grammar's as `-`;
/// "images" when nothing is left.
[[nodiscard]] std::string repository_of_folder(std::string_view folder_name);

/// What an entry points at.
struct NewEntry {
    model::Digest digest;
    std::string media_type;
    std::uint64_t size = 0;  ///< bytes
};

/// Puts a manifest into index.json: under the name, which whatever had it loses, or without one.
/// What stands there already under the same name and digest stays as it is.
void put_entry(nlohmann::ordered_json& index,
               const std::string& default_repository,
               const ImageName& name,
               const NewEntry& entry);
/// Takes a tag away; its manifest stays in the repository. False when there is no such tag.
bool remove_tag(nlohmann::ordered_json& index,
                const std::string& default_repository,
                const ImageName& name);
/// Takes a manifest out of a repository under all its names. False when it has no entry there.
bool remove_manifest(nlohmann::ordered_json& index,
                     const std::string& default_repository,
                     const std::string& repository,
                     const model::Digest& digest);

}  // namespace regtool::serve
