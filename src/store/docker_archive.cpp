#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/image_config.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/store/layout_folder.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/verify.hpp"
#include "store/archive_files.hpp"
#include "store/archive_input.hpp"
#include "store/saved_images.hpp"

namespace regtool::store {

namespace {

using Json = nlohmann::ordered_json;

class DockerArchive final : public ImageFiles {
  public:
    DockerArchive(std::vector<ListedImage> images, std::map<model::Digest, Content> contents)
        : images_(std::move(images)), contents_(std::move(contents)) {}

    const std::vector<ListedImage>& images() const override { return images_; }

    std::optional<Content> find(const model::Digest& digest) const override {
        const auto found = contents_.find(digest);
        return found == contents_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    std::vector<ListedImage> images_;
    std::map<model::Digest, Content> contents_;
};

/// "<hex>.json", "blobs/sha256/<hex>" and "sha256:<hex>" say what the file must hash to; other
/// names say nothing.
std::optional<model::Digest> digest_in_name(std::string_view name) {
    constexpr std::string_view kSuffix = ".json";
    if (name.ends_with(kSuffix)) {
        name.remove_suffix(kSuffix.size());
    }
    name = name.substr(name.find_last_of("/:") + 1);  // npos + 1 is 0
    return model::Digest::try_parse("sha256:" + std::string(name));
}

model::Descriptor descriptor_of(std::string_view media_type,
                                model::Digest digest,
                                std::uint64_t size) {
    return {std::string(media_type), std::move(digest), size, {}, {}, {}, {}, {}};
}

Json json_of(const model::Descriptor& descriptor) {
    return {{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.str()},
            {"size", descriptor.size}};
}

std::string_view media_type_of(const Content& layer) {
    std::array<std::byte, 4> head{};
    const std::size_t got = ContentSource(layer).read(head);
    switch (stream::detect_compression(std::span(head).first(got))) {
        case stream::Compression::gzip:
            return model::media_type::kOciLayerGzip;
        case stream::Compression::zstd:
            return model::media_type::kOciLayerZstd;
        case stream::Compression::none:
            break;
    }
    return model::media_type::kOciLayer;
}

/// The digest of a packed layer's bytes, whose unpacked bytes must be those of `diff_id`.
model::Digest digest_of_packed(const Content& layer,
                               const model::Digest& diff_id,
                               const std::stop_token& stop) {
    auto packed =
        std::make_unique<stream::DigestingSource>(open_content(layer), base::HashAlgorithm::sha256);
    stream::DigestingSource& digesting = *packed;
    stream::VerifyingSource plain(std::make_unique<stream::DecompressingSource>(std::move(packed)),
                                  {diff_id, std::nullopt});
    stream::NullSink nowhere;
    try {
        move_bytes(plain, nowhere, stop, {});
    } catch (base::Error& error) {
        error.prefix(base::printable(layer.where));
        throw;
    }
    return digesting.digest();
}

/// Finds out what the archive does not say itself: digests and types.
class DockerArchiveReader {
  public:
    DockerArchiveReader(const TarIndex& archive, const std::stop_token& stop)
        : archive_(archive), stop_(stop) {}

    [[nodiscard]] std::unique_ptr<ImageFiles> read() {
        const Content list = require(kSavedImagesName);
        for (const SavedImage& saved :
             parse_saved_images(read_content(list, kMaxSavedImagesBytes), list.where)) {
            check_stop(stop_);
            add(saved);
        }
        return std::make_unique<DockerArchive>(std::move(images_), std::move(contents_));
    }

  private:
    struct Config {
        model::Descriptor descriptor;
        std::vector<model::Digest> diff_ids;
    };

    struct Layer {
        model::Descriptor descriptor;
        model::Digest diff_id;
    };

    [[nodiscard]] Content require(const std::string_view name) const {
        auto content = archive_.find_behind_link(name);
        if (!content) {
            throw base::InvalidDocument(base::printable(archive_.where()) +
                                        " is no docker-archive: it has no file '" +
                                        base::printable(name, 200) + "'");
        }
        return std::move(*content);
    }

    void add(const SavedImage& saved) {
        const Config& config = config_of(saved.config);
        if (config.diff_ids.size() != saved.layers.size()) {
            throw base::IntegrityError(
                base::printable(archive_.where()) + ": '" + base::printable(saved.config, 200) +
                "' speaks of " + std::to_string(config.diff_ids.size()) + " layers, " +
                std::string(kSavedImagesName) + " of " + std::to_string(saved.layers.size()));
        }
        Json manifest{{"schemaVersion", 2},
                      {"mediaType", model::media_type::kOciManifest},
                      {"config", json_of(config.descriptor)},
                      {"layers", Json::array()}};
        for (std::size_t i = 0; i < saved.layers.size(); ++i) {
            manifest["layers"].push_back(
                json_of(layer_of(saved.layers[i], config.diff_ids[i]).descriptor));
        }
        list(manifest.dump(), saved.tags);
    }

    void list(std::string manifest, const std::vector<std::string>& tags) {
        const auto descriptor = descriptor_of(model::media_type::kOciManifest,
                                              model::Digest::sha256_of(manifest), manifest.size());
        const auto same = std::find_if(images_.begin(), images_.end(), [&](const auto& image) {
            return image.descriptor.digest == descriptor.digest;
        });
        if (same != images_.end()) {
            same->names.insert(same->names.end(), tags.begin(), tags.end());
            return;
        }
        contents_.emplace(descriptor.digest,
                          content_in_memory(std::move(manifest), archive_.where()));
        images_.push_back({descriptor, tags, {}});
    }

    const Config& config_of(const std::string& name) {
        if (const auto known = configs_.find(name); known != configs_.end()) {
            return known->second;
        }
        const Content content = require(name);
        const std::string bytes = read_content(content, model::kMaxManifestBytes);
        const auto digest = model::Digest::sha256_of(bytes);
        const auto expected = digest_in_name(name);
        if (expected && *expected != digest) {
            throw base::IntegrityError(base::printable(content.where) +
                                       " is not what its name says: it hashes to " + digest.str());
        }
        contents_.emplace(digest, content);
        return configs_
            .emplace(name,
                     Config{descriptor_of(model::media_type::kOciConfig, digest, bytes.size()),
                            model::ImageConfig::parse(bytes).diff_ids})
            .first->second;
    }

    const Layer& layer_of(const std::string& name, const model::Digest& diff_id) {
        auto known = layers_.find(name);
        if (known == layers_.end()) {
            known = layers_.emplace(name, look_at_layer(require(name), diff_id)).first;
        }
        if (known->second.diff_id != diff_id) {
            throw base::IntegrityError(base::printable(archive_.where()) + ": '" +
                                       base::printable(name, 200) + "' would have to be " +
                                       known->second.diff_id.str() + " and " + diff_id.str());
        }
        return known->second;
    }

    /// A plain layer's digest is its diffID, which is checked when it is read.
    Layer look_at_layer(const Content& content, const model::Digest& diff_id) {
        const std::string_view media_type = media_type_of(content);
        const model::Digest digest = media_type == model::media_type::kOciLayer
                                         ? diff_id
                                         : digest_of_packed(content, diff_id, stop_);
        contents_.emplace(digest, content);
        return {descriptor_of(media_type, digest, content.size), diff_id};
    }

    const TarIndex& archive_;
    std::stop_token stop_;
    std::map<std::string, Config> configs_;
    std::map<std::string, Layer> layers_;
    std::map<model::Digest, Content> contents_;
    std::vector<ListedImage> images_;
};

/// Docker's layouts name images twice: by the tag alone, and in full.
class NamedInFull final : public ImageFiles {
  public:
    explicit NamedInFull(std::unique_ptr<ImageFiles> files)
        : files_(std::move(files)), images_(files_->images()) {
        for (ListedImage& image : images_) {
            if (!image.full_name.empty()) {
                image.names = {image.full_name};
            }
        }
    }

    const std::vector<ListedImage>& images() const override { return images_; }

    std::optional<Content> find(const model::Digest& digest) const override {
        return files_->find(digest);
    }

  private:
    std::unique_ptr<ImageFiles> files_;
    std::vector<ListedImage> images_;
};

}  // namespace

std::unique_ptr<ImageFiles> open_docker_archive(const std::string& path,
                                                const std::stop_token& stop) {
    return open_docker_archive_in(TarIndex::read(open_archive(path, stop), stop), stop);
}

std::unique_ptr<ImageFiles> open_docker_archive_in(TarIndex archive, const std::stop_token& stop) {
    if (archive.has(kLayoutMarker) && archive.has(kLayoutIndexName)) {
        return std::make_unique<NamedInFull>(open_layout_in(std::move(archive), stop));
    }
    return DockerArchiveReader(archive, stop).read();
}

}  // namespace regtool::store
