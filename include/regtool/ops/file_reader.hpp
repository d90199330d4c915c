#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regtool/ops/image_view.hpp"

namespace regtool::ops {

/// Where a file's bytes are.
struct FoundFile {
    std::string path;  ///< in the image, links followed
    std::size_t layer = 0;
    std::size_t entry = 0;
    std::uint64_t size = 0;
};

/// The files that paths mean, links followed within the image. Reads layers from the top down, each
/// to its end (a second entry of one name may stand anywhere in it), and no further than until
/// every answer is certain. Throws NotFound, UsageError for a path that is no file, InvalidDocument
/// for links that go round in circles.
[[nodiscard]] std::vector<FoundFile> find_contents(ImageView& view,
                                                   const std::vector<std::string>& paths);

}  // namespace regtool::ops
