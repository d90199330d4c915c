#pragma once

#include <optional>
#include <string>
#include <vector>

#include "regtool/model/descriptor.hpp"
#include "store/content.hpp"

namespace regtool::store {

/// An image as the list of a place has it.
struct ListedImage {
    model::Descriptor descriptor;
    std::vector<std::string> names;  ///< empty for one that has none
    std::string full_name;           ///< containerd's, understood beside the names
};

/// What a folder or file of this machine holds: a list of images, and bytes by digest. Read-only
/// after it was opened; every method is thread-safe.
class ImageFiles {
  public:
    ImageFiles() = default;
    virtual ~ImageFiles() = default;
    ImageFiles(const ImageFiles&) = delete;
    ImageFiles& operator=(const ImageFiles&) = delete;
    ImageFiles(ImageFiles&&) = delete;
    ImageFiles& operator=(ImageFiles&&) = delete;

    [[nodiscard]] virtual const std::vector<ListedImage>& images() const = 0;
    /// Where the bytes of a blob or manifest lie, unverified; nullopt when they are not here.
    /// Throws IntegrityError for what is no regular file.
    [[nodiscard]] virtual std::optional<Content> find(const model::Digest& digest) const = 0;
};

}  // namespace regtool::store
