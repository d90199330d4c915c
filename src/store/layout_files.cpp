#include "store/layout_files.hpp"

#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/store/layout_folder.hpp"

namespace regtool::store {

namespace {

class LayoutFiles final : public ImageFiles {
  public:
    explicit LayoutFiles(LayoutFolder folder)
        : folder_(std::move(folder)), images_(listed_images(folder_.index())) {}

    const std::vector<ListedImage>& images() const override { return images_; }

    std::optional<Content> find(const model::Digest& digest) const override {
        auto file = folder_.open_blob(digest);
        return file ? std::optional(content_of_file(std::move(*file),
                                                    folder_.path() + "/" + blob_name(digest)))
                    : std::nullopt;
    }

  private:
    LayoutFolder folder_;
    std::vector<ListedImage> images_;
};

bool is_manifest(const model::Descriptor& descriptor) {
    const model::MediaKind kind = model::kind_of(descriptor.media_type);
    return kind == model::MediaKind::manifest || kind == model::MediaKind::index;
}

}  // namespace

std::unique_ptr<ImageFiles> open_layout_files(const std::string& path) {
    LayoutFolder folder = LayoutFolder::open(path);
    return std::make_unique<LayoutFiles>(std::move(folder));
}

std::vector<ListedImage> listed_images(const LayoutIndex& index) {
    std::vector<ListedImage> images;
    for (const LayoutIndex::Entry& entry : index.entries()) {
        if (!is_manifest(entry.descriptor)) {
            continue;
        }
        ListedImage image{entry.descriptor, {}, {}};
        if (const std::string name = entry.ref_name(); !name.empty()) {
            image.names.push_back(name);
        }
        image.full_name = entry.full_name();
        images.push_back(std::move(image));
    }
    return images;
}

}  // namespace regtool::store
