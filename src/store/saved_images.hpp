#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::store {

/// One entry of the `manifest.json` of a docker-archive. Names of files are places in the archive.
struct SavedImage {
    std::string config;
    std::vector<std::string> tags;
    std::vector<std::string> layers;  ///< lowest first
};

inline constexpr std::string_view kSavedImagesName = "manifest.json";
/// `manifest.json` larger than this is refused (DAR-01).
inline constexpr std::size_t kMaxSavedImagesBytes = std::size_t{16} << 20;

/// Throws InvalidDocument naming `where`, also for a list of nothing; IntegrityError for one that
/// asks for too much (T-40).
[[nodiscard]] std::vector<SavedImage> parse_saved_images(const std::string& text,
                                                         const std::string& where);

/// The list as it is to be written.
[[nodiscard]] std::string saved_images_text(const std::vector<SavedImage>& images);

inline constexpr std::string_view kRepositoriesName = "repositories";

/// What older tools look for beside the list: the top layer by repository and tag.
[[nodiscard]] std::string repositories_text(const std::vector<SavedImage>& images);

}  // namespace regtool::store
