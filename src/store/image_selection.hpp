#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "regtool/store/transport.hpp"
#include "store/image_files.hpp"

namespace regtool::store {

/// The images that a name means: by the very name; else as one name of a full reference
/// ("alpine:3" is "docker.io/library/alpine:3"); else by the tag of a full reference. The first of
/// these that finds any decides.
[[nodiscard]] std::vector<const ListedImage*> images_of_name(const std::vector<ListedImage>& images,
                                                             std::string_view name);

/// All names, each once, in the order of the list; containerd's full name where one name stands for
/// several images.
[[nodiscard]] std::vector<std::string> distinct_names(const std::vector<ListedImage>& images);

/// The one image that a location without a digest means. `is_referrer` tells manifests with a
/// subject, which are passed over where nothing was named. Throws NotFound for a name that is not
/// there, UsageError listing the names when it is not clear which one is meant (OCL-06, DAR-05).
[[nodiscard]] const ListedImage& select_image(
    const std::vector<ListedImage>& images,
    const Location& location,
    const std::function<bool(const model::Descriptor&)>& is_referrer);

}  // namespace regtool::store
