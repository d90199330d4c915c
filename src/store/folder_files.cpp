#include "store/folder_files.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "store/safe_open.hpp"

namespace regtool::store {

namespace {

class FolderFiles final : public ImageFiles {
  public:
    explicit FolderFiles(const std::string& path) : path_(path), folder_(open_folder(path)) {
        const std::string where = path_ + "/" + std::string(kFolderManifestName);
        const auto file = open_file_at(folder_.get(), std::string(kFolderManifestName), where);
        if (!file) {
            throw base::InvalidDocument(path_ + " is no image folder: it has no file '" +
                                        std::string(kFolderManifestName) + "'");
        }
        try {
            const auto manifest =
                model::Manifest::parse(read_small(*file, model::kMaxManifestBytes, where), "");
            root_ = content_in_memory(manifest.bytes(), where);
            images_.push_back({manifest.descriptor(), {}, {}});
        } catch (base::InvalidDocument& error) {
            error.prefix(base::printable(where));
            throw;
        }
    }

    const std::vector<ListedImage>& images() const override { return images_; }

    std::optional<Content> find(const model::Digest& digest) const override {
        if (digest == images_.front().descriptor.digest) {
            return root_;
        }
        for (const std::string& name : {folder_blob_name(digest), folder_manifest_name(digest)}) {
            const std::string where = path_ + "/" + name;
            if (auto file = open_file_at(folder_.get(), name, where)) {
                return content_of_file(std::move(*file), where);
            }
        }
        return std::nullopt;
    }

  private:
    std::string path_;
    base::UniqueFd folder_;
    Content root_;
    std::vector<ListedImage> images_;
};

}  // namespace

std::string folder_blob_name(const model::Digest& digest) {
    return std::string(digest.encoded());
}

std::string folder_manifest_name(const model::Digest& digest) {
    return folder_blob_name(digest) + "." + std::string(kFolderManifestName);
}

std::unique_ptr<ImageFiles> open_folder_files(const std::string& path) {
    return std::make_unique<FolderFiles>(path);
}

}  // namespace regtool::store
