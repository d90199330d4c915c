#include "store/layout_target.hpp"

#include <mutex>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/partial_file.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/layout_folder.hpp"
#include "store/content.hpp"
#include "store/file_blobs.hpp"
#include "store/put_record.hpp"

namespace regtool::store {

namespace {

constexpr int kParallelBlobs = 16;

class LayoutTarget final : public ImageTarget {
  public:
    explicit LayoutTarget(Location location) : location_(std::move(location)) {}

    std::string name() const override { return location_.str(); }

    std::string repository_name() const override { return location_.place(); }

    std::optional<std::string> wanted_name() const override { return location_.name; }

    std::optional<model::Digest> wanted_digest() const override { return location_.digest; }

    std::optional<model::Repository> repository() const override { return std::nullopt; }

    int max_parallel_blobs() const noexcept override { return kParallelBlobs; }

    std::optional<model::Descriptor> current(std::string_view name,
                                             std::stop_token /*stop*/) override {
        const LayoutFolder* layout = existing();
        if (layout == nullptr) {
            return std::nullopt;
        }
        const LayoutIndex index = layout->index();
        const LayoutIndex::Entry* entry = index.named(name);
        const bool is_there = entry != nullptr && read_present(*layout, entry->descriptor);
        return is_there ? std::optional(entry->descriptor) : std::nullopt;
    }

    std::vector<bool> have_blobs(std::span<const model::Descriptor> blobs,
                                 std::stop_token stop) override {
        std::vector<bool> answers;
        for (const model::Descriptor& blob : blobs) {
            answers.push_back(has_whole(blob, stop));
        }
        return answers;
    }

    std::vector<bool> have_manifests(std::span<const model::Descriptor> manifests,
                                     std::stop_token /*stop*/) override {
        std::vector<bool> answers;
        const LayoutFolder* layout = existing();
        for (const model::Descriptor& wanted : manifests) {
            const auto present = layout != nullptr ? read_present(*layout, wanted) : std::nullopt;
            answers.push_back(present.has_value());
            if (present) {
                record_.add_present(*present);
            }
        }
        return answers;
    }

    void put_blob(const model::Descriptor& blob,
                  const BlobReader& read,
                  std::stop_token stop,
                  const BytesArrived& arrived) override {
        write_blob_file(folder().new_blob_path(blob.digest), blob, read, stop, arrived);
        remember(blob.digest);
    }

    void put_manifest(const model::Manifest& manifest,
                      const std::optional<std::string>& name,
                      std::stop_token /*stop*/) override {
        if (name) {
            require_layout_name(*name);
        }
        base::AtomicFile file(folder().new_blob_path(manifest.digest()));
        file.write(base::as_bytes(manifest.bytes()));
        file.commit();
        remember(manifest.digest());
        record_.add(manifest, name);
    }

    void finish(std::stop_token stop) override {
        const LayoutFolder& layout = folder();
        layout.sync_blobs(written_, stop);
        const auto has_other_purpose = [&layout](const model::Descriptor& listed) {
            const auto manifest = read_present(layout, listed);
            return manifest && manifest->image() != nullptr && manifest->image()->subject;
        };
        layout.update_index([&](LayoutIndex& index) {
            for (const PutRecord::Listed& listed : record_.listed()) {
                if (listed.name) {
                    index.set_name(*listed.name, listed.descriptor, has_other_purpose);
                } else {
                    index.add(listed.descriptor);
                }
            }
        });
    }

  private:
    /// As it is found; nothing is made.
    const LayoutFolder* existing() {
        const std::lock_guard lock(mutex_);
        if (!folder_) {
            folder_ = LayoutFolder::find(location_.path);
            share();
        }
        return folder_ ? &*folder_ : nullptr;
    }

    /// Made when the first thing is to be written.
    const LayoutFolder& folder() {
        const std::lock_guard lock(mutex_);
        if (!folder_) {
            folder_ = LayoutFolder::create(location_.path);
            share();
        }
        return *folder_;
    }

    /// What is found or put is listed only in the end, and must be there then.
    void share() const {
        if (folder_) {
            folder_->share_blobs();
        }
    }

    void remember(const model::Digest& digest) {
        const std::lock_guard lock(mutex_);
        written_.insert(digest);
    }

    /// The manifest if it is there and what its digest says.
    static std::optional<model::Manifest> read_present(const LayoutFolder& layout,
                                                       const model::Descriptor& wanted) {
        auto file = layout.open_blob(wanted.digest);
        if (!file) {
            return std::nullopt;
        }
        return parse_if_whole(
            content_of_file(std::move(*file), layout.path() + "/" + blob_name(wanted.digest)),
            wanted);
    }

    bool has_whole(const model::Descriptor& blob, const std::stop_token& stop) {
        const LayoutFolder* layout = existing();
        auto file = layout != nullptr ? layout->open_blob(blob.digest) : std::nullopt;
        return file && is_whole(content_of_file(std::move(*file), location_.path), blob, stop);
    }

    Location location_;
    PutRecord record_;
    std::mutex mutex_;
    std::optional<LayoutFolder> folder_;
    std::set<model::Digest> written_;
};

}  // namespace

std::unique_ptr<ImageTarget> make_layout_target(const Location& location) {
    (void)base::new_file_mode();  // while there is one thread
    if (location.name) {
        require_layout_name(*location.name);
    }
    LayoutFolder::require_writable(location.path);
    return std::make_unique<LayoutTarget>(location);
}

}  // namespace regtool::store
