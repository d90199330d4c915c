#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/layout_folder.hpp"
#include "store/archive_files.hpp"
#include "store/archive_input.hpp"
#include "store/layout_files.hpp"

namespace regtool::store {

namespace {

class LayoutArchive final : public ImageFiles {
  public:
    explicit LayoutArchive(TarIndex archive) : archive_(std::move(archive)) {
        const Content marker = require(kLayoutMarker);
        check_layout_marker(read_content(marker, kMaxLayoutMarkerBytes), marker.where);
        const Content index = require(kLayoutIndexName);
        images_ = listed_images(
            LayoutIndex::parse(read_content(index, kMaxLayoutIndexBytes), index.where));
    }

    const std::vector<ListedImage>& images() const override { return images_; }

    std::optional<Content> find(const model::Digest& digest) const override {
        return archive_.find(blob_name(digest));
    }

  private:
    [[nodiscard]] Content require(std::string_view name) const {
        auto content = archive_.find(name);
        if (!content) {
            throw base::InvalidDocument(base::printable(archive_.where()) +
                                        " is no OCI layout: it has no file '" + std::string(name) +
                                        "'");
        }
        return std::move(*content);
    }

    TarIndex archive_;
    std::vector<ListedImage> images_;
};

}  // namespace

std::unique_ptr<ImageFiles> open_layout_in(TarIndex archive, const std::stop_token& /*stop*/) {
    return std::make_unique<LayoutArchive>(std::move(archive));
}

std::unique_ptr<ImageFiles> open_layout_archive(const std::string& path,
                                                const std::stop_token& stop) {
    return open_layout_in(TarIndex::read(open_archive(path, stop), stop), stop);
}

}  // namespace regtool::store
