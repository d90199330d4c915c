#pragma once

#include <memory>
#include <string>

#include "store/image_files.hpp"

namespace regtool::store {

// The flat folder of skopeo's `dir:`: one image or index as `manifest.json`, the manifests that an
// index lists as `<hex>.manifest.json`, blobs as `<hex>`, and `version`.

inline constexpr std::string_view kFolderManifestName = "manifest.json";
inline constexpr std::string_view kFolderVersionName = "version";
inline constexpr std::string_view kFolderVersionText = "Directory Transport Version: 1.1\n";

/// "<hex>"
[[nodiscard]] std::string folder_blob_name(const model::Digest& digest);
/// "<hex>.manifest.json"
[[nodiscard]] std::string folder_manifest_name(const model::Digest& digest);

/// What such a folder holds. No symbolic link in it is followed. Throws IoError, InvalidDocument
/// when it has no manifest, IntegrityError when a part of it is not what it should be.
[[nodiscard]] std::unique_ptr<ImageFiles> open_folder_files(const std::string& path);

}  // namespace regtool::store
