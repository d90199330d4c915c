#include "store/local_store.hpp"

#include <mutex>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/verify.hpp"
#include "store/image_selection.hpp"
#include "store/local_referrers.hpp"

namespace regtool::store {

namespace {

/// Opened when first asked for, by whichever thread asks; shared by the stores of several names.
class LazyFiles {
  public:
    explicit LazyFiles(OpenImageFiles open) : open_(std::move(open)) {}

    const ImageFiles& get(const std::stop_token& stop) {
        const std::lock_guard lock(mutex_);
        if (!files_) {
            files_ = open_(stop);
        }
        return *files_;
    }

    const Referrers& referrers(const std::string& place, const std::stop_token& stop) {
        const ImageFiles& files = get(stop);
        const std::lock_guard lock(mutex_);
        if (!referrers_) {
            referrers_ = find_referrers(files, place, stop);
        }
        return *referrers_;
    }

  private:
    OpenImageFiles open_;
    std::mutex mutex_;
    std::unique_ptr<ImageFiles> files_;
    std::optional<Referrers> referrers_;
};

Content require_content(const ImageFiles& files,
                        const model::Digest& digest,
                        const std::string& place,
                        const std::string& what) {
    auto content = files.find(digest);
    if (!content) {
        base::NotFound error(place + " has no " + what + " " + digest.str());
        error.add_context("what lists it may keep its content elsewhere");
        throw error;
    }
    return std::move(*content);
}

/// Tells about bytes as they are read.
class CountingSource final : public stream::Source {
  public:
    CountingSource(std::unique_ptr<stream::Source> inner, BytesArrived arrived)
        : inner_(std::move(inner)), arrived_(std::move(arrived)) {}

    std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = inner_->read(out);
        if (arrived_ && got != 0) {
            arrived_(got);
        }
        return got;
    }

  private:
    std::unique_ptr<stream::Source> inner_;
    BytesArrived arrived_;
};

class LocalStore final : public ImageStore {
  public:
    LocalStore(Location location, std::shared_ptr<LazyFiles> files)
        : location_(std::move(location)), files_(std::move(files)) {}

    std::string name() const override { return location_.str(); }

    std::string repository_name() const override { return location_.place(); }

    std::optional<model::Digest> named_digest() const override { return location_.digest; }

    model::Manifest root(std::stop_token stop) override {
        const ImageFiles& files = files_->get(stop);
        if (!location_.digest) {
            const auto is_referrer = [&](const model::Descriptor& listed) {
                return has_subject(files, listed);
            };
            const ListedImage& image = select_image(files.images(), location_, is_referrer);
            return read_manifest(files, image.descriptor.digest, &image.descriptor,
                                 location_.place());
        }
        for (const ListedImage& image : files.images()) {
            if (image.descriptor.digest == *location_.digest) {
                return read_manifest(files, *location_.digest, &image.descriptor,
                                     location_.place());
            }
        }
        return read_manifest(files, *location_.digest, nullptr, location_.place());
    }

    model::Descriptor resolve(std::stop_token stop) override {
        return root(std::move(stop)).descriptor();
    }

    std::vector<std::string> names(std::stop_token stop) override {
        const std::vector<ListedImage>& images = files_->get(stop).images();
        std::vector<std::string> names = distinct_names(images);
        if (location_.transport == Transport::docker_archive) {
            for (std::size_t i = 0; i < images.size(); ++i) {
                if (images[i].names.empty()) {
                    names.push_back("@" + std::to_string(i));
                }
            }
        }
        return names;
    }

    std::unique_ptr<ImageStore> named(const std::string& name) const override {
        if (location_.transport == Transport::folder) {
            return ImageStore::named(name);
        }
        return std::make_unique<LocalStore>(parse_location(location_.place() + ":" + name), files_);
    }

    model::Manifest manifest(const model::Descriptor& descriptor, std::stop_token stop) override {
        return read_manifest(files_->get(stop), descriptor.digest, &descriptor, location_.place());
    }

    model::Manifest manifest_of(const model::Digest& digest, std::stop_token stop) override {
        return read_manifest(files_->get(stop), digest, nullptr, location_.place());
    }

    std::vector<model::Descriptor> referrers(const model::Digest& subject,
                                             std::string_view artifact_type,
                                             std::stop_token stop) override {
        const auto [first, last] = files_->referrers(location_.place(), stop).equal_range(subject);
        std::vector<model::Descriptor> found;
        for (auto entry = first; entry != last; ++entry) {
            if (artifact_type.empty() || entry->second.artifact_type == artifact_type) {
                found.push_back(entry->second);
            }
        }
        return found;
    }

    std::optional<BlobInfo> blob_info(const model::Digest& digest, std::stop_token stop) override {
        const auto content = files_->get(stop).find(digest);
        return content ? std::optional(BlobInfo{true, content->size, ""}) : std::nullopt;
    }

    std::uint64_t fetch_blob(const stream::Expectation& expected,
                             stream::Sink& sink,
                             std::stop_token stop,
                             const BytesArrived& arrived,
                             stream::Source* held) override {
        const Content content = blob(expected.digest, stop);
        stream::VerifyingSink verified(sink, expected);
        try {
            if (held != nullptr) {
                absorb_bytes(*held, verified, stop, arrived);
            }
            move_bytes(*open_content(content, verified.bytes()), verified, stop, arrived);
            verified.finish();
        } catch (base::IntegrityError& error) {
            error.prefix(location_.place());
            throw;
        }
        return verified.bytes();
    }

    std::unique_ptr<stream::Source> open_blob(const stream::Expectation& expected,
                                              const BytesArrived& arrived) override {
        return std::make_unique<stream::VerifyingSource>(
            std::make_unique<CountingSource>(open_content(blob(expected.digest, {})), arrived),
            expected);
    }

    void fetch_blob_range(const model::Digest& digest,
                          std::uint64_t first,
                          std::uint64_t count,
                          stream::Sink& sink,
                          std::stop_token stop) override {
        Content content = blob(digest, stop);
        if (first > content.size || count > content.size - first) {
            throw base::IntegrityError(location_.place() + ": blob " + digest.str() + " has " +
                                       std::to_string(content.size) + " bytes, " +
                                       std::to_string(count) + " from byte " +
                                       std::to_string(first) + " on were asked for");
        }
        content.size = first + count;
        move_bytes(*open_content(std::move(content), first), sink, stop, {});
    }

    std::optional<model::Repository> repository() const override { return std::nullopt; }

  private:
    [[nodiscard]] Content blob(const model::Digest& digest, const std::stop_token& stop) const {
        return require_content(files_->get(stop), digest, location_.place(), "blob");
    }

    /// One that cannot be read is none: whoever asks for it will hear why.
    [[nodiscard]] bool has_subject(const ImageFiles& files, const model::Descriptor& listed) const {
        try {
            return read_manifest(files, listed.digest, &listed, location_.place()).subject() !=
                   nullptr;
        } catch (const base::Error&) {
            return false;
        }
    }

    Location location_;
    std::shared_ptr<LazyFiles> files_;
};

}  // namespace

model::Manifest read_manifest(const ImageFiles& files,
                              const model::Digest& digest,
                              const model::Descriptor* descriptor,
                              const std::string& place) {
    const Content content = require_content(files, digest, place, "manifest");
    std::string bytes = read_content(content, model::kMaxManifestBytes);
    const bool size_differs = descriptor != nullptr && descriptor->size != bytes.size();
    const auto actual = model::Digest::of(model::require_verifier(digest), bytes);
    if (size_differs || actual != digest) {
        base::IntegrityError error(content.where + " is not what its name says");
        error.add_context(
            "expected " + digest.str() +
            (descriptor == nullptr ? "" : ", " + std::to_string(descriptor->size) + " bytes"));
        error.add_context("found " + actual.str() + ", " + std::to_string(bytes.size()) + " bytes");
        throw error;
    }
    return model::Manifest::parse(std::move(bytes), "",
                                  descriptor == nullptr ? "" : descriptor->media_type);
}

std::unique_ptr<ImageStore> make_local_store(Location location, OpenImageFiles open) {
    return std::make_unique<LocalStore>(std::move(location),
                                        std::make_shared<LazyFiles>(std::move(open)));
}

}  // namespace regtool::store
