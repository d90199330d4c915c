#include "store/folder_target.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/partial_file.hpp"
#include "regtool/base/text.hpp"
#include "store/content.hpp"
#include "store/file_blobs.hpp"
#include "store/folder_files.hpp"
#include "store/put_record.hpp"
#include "store/safe_open.hpp"

namespace regtool::store {

namespace {

constexpr int kParallelBlobs = 16;
constexpr std::string_view kVersionBegin = "Directory Transport Version: 1.";
constexpr std::size_t kMaxVersionBytes = 4096;

/// Throws UsageError when the folder holds something that is no image of this form.
void require_writable(const std::string& path) {
    const auto folder = open_folder_at(AT_FDCWD, path + "/.", path);
    if (!folder) {
        return;
    }
    const std::string where = path + "/" + std::string(kFolderVersionName);
    const auto version = open_file_at(folder->get(), std::string(kFolderVersionName), where);
    if (version && read_small(*version, kMaxVersionBytes, where).starts_with(kVersionBegin)) {
        return;
    }
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        const std::string name = entry.path().filename();
        if (!name.starts_with(".regtool-")) {
            base::UsageError refusal(path + " is no image folder: it holds '" +
                                     base::printable(name, 100) + "' and no 'version'");
            refusal.set_hint("name a new or an empty folder");
            throw refusal;
        }
    }
    if (error) {
        throw base::IoError(path, "cannot read", error.value());
    }
}

/// Whether a file is one of those that an image in such a folder consists of.
bool belongs_to_image(std::string_view name) {
    const bool is_blob = model::Digest::try_parse("sha256:" + std::string(name)) ||
                         model::Digest::try_parse("sha512:" + std::string(name));
    return is_blob || name.ends_with("." + std::string(kFolderManifestName)) ||
           name.starts_with("signature-") || name.find(".signature-") != std::string_view::npos;
}

class FolderTarget final : public ImageTarget {
  public:
    explicit FolderTarget(Location location) : location_(std::move(location)) {}

    std::string name() const override { return location_.str(); }

    std::string repository_name() const override { return location_.place(); }

    std::optional<std::string> wanted_name() const override { return std::nullopt; }

    std::optional<model::Digest> wanted_digest() const override { return location_.digest; }

    std::optional<model::Repository> repository() const override { return std::nullopt; }

    int max_parallel_blobs() const noexcept override { return kParallelBlobs; }

    std::optional<model::Descriptor> current(std::string_view /*name*/,
                                             std::stop_token /*stop*/) override {
        return std::nullopt;
    }

    std::vector<bool> have_blobs(std::span<const model::Descriptor> blobs,
                                 std::stop_token stop) override {
        std::vector<bool> answers;
        for (const model::Descriptor& blob : blobs) {
            const auto content = find(folder_blob_name(blob.digest));
            answers.push_back(content && is_whole(*content, blob, stop));
        }
        return answers;
    }

    /// Manifests are small: each is put anew, which tells which of them is the root.
    std::vector<bool> have_manifests(std::span<const model::Descriptor> manifests,
                                     std::stop_token /*stop*/) override {
        return std::vector<bool>(manifests.size(), false);
    }

    void put_blob(const model::Descriptor& blob,
                  const BlobReader& read,
                  std::stop_token stop,
                  const BytesArrived& arrived) override {
        (void)folder();
        const std::string name = folder_blob_name(blob.digest);
        write_blob_file(path_of(name), blob, read, stop, arrived);
        remember(name);
    }

    void put_manifest(const model::Manifest& manifest,
                      const std::optional<std::string>& name,
                      std::stop_token /*stop*/) override {
        if (name) {
            throw base::UsageError(location_.place() + " holds one image, which has no name");
        }
        (void)folder();
        const std::string file = folder_manifest_name(manifest.digest());
        write_text(file, manifest.bytes(), base::AtomicFile::Sync::no);
        remember(file);
        record_.add(manifest, std::nullopt);
    }

    void finish(std::stop_token stop) override {
        const std::vector<PutRecord::Listed> roots = record_.listed();
        if (roots.empty()) {
            return;  // what is there stays
        }
        if (roots.size() != 1) {
            throw base::UsageError(location_.place() + " holds one image, not " +
                                   std::to_string(roots.size()));
        }
        const model::Descriptor& root = roots.front().descriptor;
        const auto manifest = read_manifest(root);
        if (!manifest) {
            throw base::IntegrityError(location_.place() + " was changed by another program");
        }
        for (const std::string& name : written_) {
            check_stop(stop);
            if (const auto file = open_file_at(folder(), name, path_of(name))) {
                sync_to_disk(file->get(), path_of(name));
            }
        }
        const bool same_image = is_root(manifest->bytes());
        write_text(std::string(kFolderManifestName), manifest->bytes(),
                   base::AtomicFile::Sync::yes);
        sync_to_disk(folder(), location_.path);
        remove_what_is_left(root, same_image);
    }

  private:
    [[nodiscard]] std::string path_of(const std::string& name) const {
        return location_.path + "/" + name;
    }

    /// Made and locked when the first thing is to be written.
    int folder() {
        const std::lock_guard lock(mutex_);
        if (!folder_.valid()) {
            std::error_code error;
            std::filesystem::create_directories(location_.path, error);
            if (error) {
                throw base::IoError(location_.path, "cannot create", error.value());
            }
            require_writable(location_.path);
            base::UniqueFd folder = open_folder(location_.path);
            if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
                throw base::IoError(location_.path, "is being written by another regtool", 0);
            }
            write_text(std::string(kFolderVersionName), std::string(kFolderVersionText),
                       base::AtomicFile::Sync::no);
            folder_ = std::move(folder);
        }
        return folder_.get();
    }

    /// Nothing is made.
    [[nodiscard]] std::optional<Content> find(const std::string& name) const {
        const auto folder = open_folder_at(AT_FDCWD, location_.path + "/.", location_.path);
        auto file = folder ? open_file_at(folder->get(), name, path_of(name)) : std::nullopt;
        return file ? std::optional(content_of_file(std::move(*file), path_of(name)))
                    : std::nullopt;
    }

    [[nodiscard]] std::optional<model::Manifest> read_manifest(
        const model::Descriptor& wanted) const {
        const auto content = find(folder_manifest_name(wanted.digest));
        return content ? parse_if_whole(*content, wanted) : std::nullopt;
    }

    /// Whether `manifest.json` has these bytes already.
    [[nodiscard]] bool is_root(const std::string& bytes) const {
        const auto content = find(std::string(kFolderManifestName));
        return content && content->size == bytes.size() &&
               read_content(*content, model::kMaxManifestBytes) == bytes;
    }

    void write_text(const std::string& name, std::string_view text, base::AtomicFile::Sync sync) {
        base::AtomicFile file(path_of(name));
        file.write(base::as_bytes(text));
        file.commit(0, sync);
    }

    void remember(const std::string& name) {
        const std::lock_guard lock(mutex_);
        written_.insert(name);
    }

    /// The names of all that the image consists of.
    [[nodiscard]] std::set<std::string> parts_of(const model::Descriptor& root) const {
        std::set<std::string> parts;
        std::vector<model::Descriptor> open{root};
        std::set<model::Digest> seen{root.digest};
        while (!open.empty()) {
            const auto manifest = read_manifest(open.back());
            open.pop_back();
            if (!manifest) {
                continue;
            }
            if (const model::ImageManifest* image = manifest->image()) {
                parts.insert(folder_blob_name(image->config.digest));
                for (const model::Descriptor& layer : image->layers) {
                    parts.insert(folder_blob_name(layer.digest));
                }
            } else if (const model::IndexManifest* index = manifest->index()) {
                for (const model::Descriptor& child : index->manifests) {
                    parts.insert(folder_blob_name(child.digest));
                    parts.insert(folder_manifest_name(child.digest));
                    if (seen.insert(child.digest).second) {
                        open.push_back(child);
                    }
                }
            }
        }
        return parts;
    }

    /// The image is in place: a file too much is no failure.
    void remove_what_is_left(const model::Descriptor& root, bool same_image) {
        const std::set<std::string> parts = parts_of(root);
        std::vector<std::string> leftovers;
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(location_.path, ignored)) {
            const std::string name = entry.path().filename();
            const bool is_signature = name.find("signature-") != std::string::npos;
            if (belongs_to_image(name) && !parts.contains(name) && !(is_signature && same_image)) {
                leftovers.push_back(name);
            }
        }
        for (const std::string& name : leftovers) {
            (void)::unlinkat(folder(), name.c_str(), 0);
        }
    }

    Location location_;
    PutRecord record_;
    std::mutex mutex_;
    base::UniqueFd folder_;  ///< locked
    std::set<std::string> written_;
};

}  // namespace

std::unique_ptr<ImageTarget> make_folder_target(const Location& location) {
    (void)base::new_file_mode();  // while there is one thread
    require_writable(location.path);
    return std::make_unique<FolderTarget>(location);
}

}  // namespace regtool::store
