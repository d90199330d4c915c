#pragma once

#include <memory>
#include <string>

#include "regtool/store/layout_index.hpp"
#include "store/image_files.hpp"

namespace regtool::store {

/// What an OCI layout in a folder holds. Throws as LayoutFolder::open.
[[nodiscard]] std::unique_ptr<ImageFiles> open_layout_files(const std::string& path);

/// The images that a layout's index lists: entries of other types are passed over (OCL-03), those
/// of one name are checked to be one image (OCL-06).
[[nodiscard]] std::vector<ListedImage> listed_images(const LayoutIndex& index);

}  // namespace regtool::store
