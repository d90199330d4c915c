#include "store/archive_target.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/partial_file.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/tar_writer.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/store/layout_folder.hpp"
#include "store/archive_files.hpp"
#include "store/archive_output.hpp"
#include "store/content.hpp"
#include "store/image_selection.hpp"
#include "store/put_record.hpp"
#include "store/saved_images.hpp"

namespace regtool::store {

namespace {

/// What Docker's list and the index of its layout call an image.
std::string docker_name(const std::string& name) {
    const auto reference = model::Reference::parse(name);
    if (reference.digest()) {
        throw base::UsageError("'" + base::printable(name, 200) +
                               "' has a digest: Docker knows images in archives by their tag");
    }
    return reference.str();
}

/// Throws where a docker-archive cannot hold it.
void require_docker_image(const model::Manifest& manifest) {
    const model::ImageManifest* image = manifest.image();
    if (image != nullptr && image->is_image()) {
        for (const model::Descriptor& layer : image->layers) {
            if (!model::is_tar_layer(layer.media_type)) {
                throw base::UsageError("a docker-archive cannot hold a layer of the type " +
                                       base::printable(layer.media_type, 200));
            }
        }
        return;
    }
    if (manifest.index() == nullptr) {
        throw base::UsageError("a docker-archive holds images alone, and " +
                               manifest.digest().str() + " is none");
    }
    base::UsageError error("a docker-archive holds images of one platform");
    error.add_context("there are " + model::offered_platforms(*manifest.index()));
    error.set_hint("choose one with --platform, or write to oci-archive: instead");
    throw error;
}

/// The content of one entry, which must have the size that was announced.
class EntrySink final : public stream::Sink {
  public:
    EntrySink(layer::TarWriter& tar, const std::string& name, std::uint64_t size) : tar_(tar) {
        layer::Entry entry;
        entry.path = name;
        entry.type = layer::EntryType::file;
        entry.mode = 0644;
        entry.size = size;
        tar_.begin(entry);
        missing_ = size;
    }

    void write(std::span<const std::byte> bytes) override {
        if (bytes.size() > missing_) {
            throw base::IntegrityError("there are more bytes than were announced");
        }
        tar_.content(bytes);
        missing_ -= bytes.size();
    }

    void end() {
        if (missing_ != 0) {
            throw base::IntegrityError("the last " + std::to_string(missing_) +
                                       " bytes are missing");
        }
        tar_.end();
    }

  private:
    layer::TarWriter& tar_;
    std::uint64_t missing_ = 0;
};

class ArchiveTarget final : public ImageTarget {
  public:
    explicit ArchiveTarget(Location location)
        : location_(std::move(location)),
          for_docker_(location_.transport == Transport::docker_archive) {}

    std::string name() const override { return location_.str(); }

    std::string repository_name() const override { return location_.place(); }

    std::optional<std::string> wanted_name() const override { return location_.name; }

    std::optional<model::Digest> wanted_digest() const override { return location_.digest; }

    std::optional<model::Repository> repository() const override { return std::nullopt; }

    int max_parallel_blobs() const noexcept override { return 1; }

    void check_root(const model::Manifest& root) const override {
        if (for_docker_) {
            require_docker_image(root);
        }
    }

    /// Of the archive that will be replaced. A file that is none stands for nothing.
    std::optional<model::Descriptor> current(std::string_view name, std::stop_token stop) override {
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(location_.path, ignored)) {
            return std::nullopt;
        }
        try {
            const auto files = for_docker_ ? open_docker_archive(location_.path, stop)
                                           : open_layout_archive(location_.path, stop);
            const auto found = images_of_name(files->images(), name);
            return found.empty() ? std::nullopt : std::optional(found.front()->descriptor);
        } catch (const base::InvalidDocument&) {
            return std::nullopt;
        }
    }

    std::vector<bool> have_blobs(std::span<const model::Descriptor> blobs,
                                 std::stop_token /*stop*/) override {
        const std::lock_guard lock(mutex_);
        std::vector<bool> answers;
        for (const model::Descriptor& blob : blobs) {
            answers.push_back(written_.contains(blob.digest));
        }
        return answers;
    }

    std::vector<bool> have_manifests(std::span<const model::Descriptor> manifests,
                                     std::stop_token stop) override {
        return have_blobs(manifests, stop);
    }

    void put_blob(const model::Descriptor& blob,
                  const BlobReader& read,
                  std::stop_token stop,
                  const BytesArrived& arrived) override {
        const std::lock_guard lock(mutex_);
        if (!written_.contains(blob.digest)) {
            add_file(blob_name(blob.digest), blob.size,
                     [&](stream::Sink& sink) { move_bytes(*read(0), sink, stop, arrived); });
            written_.insert(blob.digest);
        }
    }

    void put_manifest(const model::Manifest& manifest,
                      const std::optional<std::string>& name,
                      std::stop_token /*stop*/) override {
        check_root(manifest);
        const std::lock_guard lock(mutex_);
        if (!written_.contains(manifest.digest())) {
            add_text(blob_name(manifest.digest()), manifest.bytes());
            written_.insert(manifest.digest());
        }
        if (for_docker_) {
            SavedImage& saved = saved_[manifest.digest()];
            saved.config = blob_name(manifest.image()->config.digest);
            saved.layers.clear();
            for (const model::Descriptor& layer : manifest.image()->layers) {
                saved.layers.push_back(blob_name(layer.digest));
            }
        }
        record_.add(manifest, name ? std::optional(stored_name(*name)) : std::nullopt);
    }

    void finish(std::stop_token stop) override {
        const std::lock_guard lock(mutex_);
        const std::vector<PutRecord::Listed> listed = record_.listed();
        if (listed.empty()) {
            return;  // what is there stays
        }
        check_stop(stop);
        LayoutIndex index;
        for (const PutRecord::Listed& image : listed) {
            if (image.name) {
                index.set_name(*image.name, image.descriptor,
                               [](const model::Descriptor& /*replaced*/) { return false; });
            } else {
                index.add(image.descriptor);
            }
        }
        add_text(std::string(kLayoutMarker), std::string(kLayoutMarkerText));
        add_text(std::string(kLayoutIndexName), index.text());
        if (for_docker_) {
            const std::vector<SavedImage> images = docker_list(index);
            add_text(std::string(kRepositoriesName), repositories_text(images));
            add_text(std::string(kSavedImagesName), saved_images_text(images));
        }
        tar_->finish();
        output_->commit();
    }

  private:
    [[nodiscard]] std::string stored_name(const std::string& name) const {
        if (for_docker_) {
            return docker_name(name);
        }
        require_layout_name(name);
        return name;
    }

    [[nodiscard]] std::vector<SavedImage> docker_list(const LayoutIndex& index) {
        std::vector<model::Digest> order;
        for (const LayoutIndex::Entry& entry : index.entries()) {
            SavedImage& saved = saved_.at(entry.descriptor.digest);
            if (std::find(order.begin(), order.end(), entry.descriptor.digest) == order.end()) {
                order.push_back(entry.descriptor.digest);
            }
            if (const std::string name = entry.ref_name(); !name.empty()) {
                saved.tags.push_back(name);
            }
        }
        std::vector<SavedImage> images;
        for (const model::Digest& digest : order) {
            images.push_back(saved_.at(digest));
        }
        return images;
    }

    void add_text(const std::string& name, const std::string& text) {
        add_file(name, text.size(),
                 [&text](stream::Sink& sink) { sink.write(base::as_bytes(text)); });
    }

    /// What fails leaves nothing of the file behind, where that is possible; else nothing more can
    /// be added.
    template <class Fill>
    void add_file(const std::string& name, std::uint64_t size, const Fill& fill) {
        if (broken_) {
            throw base::IoError(location_.place(), "cannot go on after a failure", 0);
        }
        if (!output_) {
            output_.emplace(location_.path);
        }
        if (!tar_) {
            tar_.emplace(*output_);
        }
        const std::uint64_t before = output_->size();
        try {
            EntrySink sink(*tar_, name, size);
            fill(sink);
            sink.end();
        } catch (...) {
            take_back(before);
            throw;
        }
    }

    void take_back(std::uint64_t before) {
        broken_ = true;
        tar_.reset();
        broken_ = !output_->cut(before);
    }

    Location location_;
    bool for_docker_;
    PutRecord record_;
    std::mutex mutex_;
    std::optional<ArchiveOutput> output_;
    std::optional<layer::TarWriter> tar_;
    bool broken_ = false;
    std::set<model::Digest> written_;
    std::map<model::Digest, SavedImage> saved_;
};

}  // namespace

std::unique_ptr<ImageTarget> make_archive_target(const Location& location) {
    (void)base::new_file_mode();  // while there is one thread
    if (location.position) {
        throw base::UsageError(location.str() + ": an image is given a name, not a number");
    }
    if (location.name && location.transport == Transport::docker_archive) {
        (void)docker_name(*location.name);
    } else if (location.name) {
        require_layout_name(*location.name);
    }
    require_archive_output(location.path);
    return std::make_unique<ArchiveTarget>(location);
}

}  // namespace regtool::store
