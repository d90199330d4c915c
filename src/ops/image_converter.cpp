#include "regtool/ops/image_converter.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "ops/copy_graph.hpp"
#include "ops/media_type_change.hpp"
#include "ops/overlay_store.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/hash.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/image_config.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/parallel.hpp"
#include "regtool/stream/compressor.hpp"

namespace regtool::ops {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAttests = "vnd.docker.reference.digest";

/// A layer as it was packed anew.
struct Packed {
    model::Digest digest;
    std::uint64_t size = 0;
};

/// Counts and hashes on the way to a file.
class HashingSink final : public stream::Sink {
  public:
    explicit HashingSink(stream::Sink& next) : next_(next), hasher_(base::HashAlgorithm::sha256) {}

    void write(std::span<const std::byte> bytes) override {
        hasher_.update(bytes);
        size_ += bytes.size();
        next_.write(bytes);
    }

    [[nodiscard]] Packed finish() {
        return {model::Digest::from_hex(base::HashAlgorithm::sha256, hasher_.finish_hex()), size_};
    }

  private:
    stream::Sink& next_;
    base::Hasher hasher_;
    std::uint64_t size_ = 0;
};

class Converter {
  public:
    Converter(std::shared_ptr<store::ImageStore> source,
              const Conversion& conversion,
              int jobs,
              ProgressListener& progress,
              std::stop_token stop)
        : source_(std::move(source)),
          overlay_(std::make_shared<OverlayStore>(source_)),
          conversion_(conversion),
          jobs_(jobs),
          progress_(progress),
          stop_(std::move(stop)) {}

    ConvertedImage run(const model::Manifest& root) {
        if (!can_convert(root)) {
            throw base::UsageError(base::printable(source_->name()) +
                                   " is an artifact, no image: it has no other format");
        }
        model::Manifest converted = convert(root, 0);
        return {overlay_, std::move(converted), {notes_.begin(), notes_.end()}};
    }

  private:
    static bool can_convert(const model::Manifest& manifest) {
        return manifest.index() != nullptr ||
               (manifest.image() != nullptr && manifest.image()->is_image());
    }

    [[nodiscard]] ManifestFormat format_for(const model::Manifest& manifest) const {
        return conversion_.format.value_or(format_of(manifest.media_type()));
    }

    model::Manifest convert(const model::Manifest& manifest, int depth) {
        if (depth > kMaxIndexDepth) {
            throw base::InvalidDocument("indexes nested deeper than " +
                                        std::to_string(kMaxIndexDepth));
        }
        const auto known = converted_.find(manifest.digest());
        if (known != converted_.end()) {
            return known->second;
        }
        model::Manifest made =
            manifest.index() != nullptr ? convert_index(manifest, depth) : convert_single(manifest);
        overlay_->add_manifest(made);
        converted_.emplace(manifest.digest(), made);
        return made;
    }

    model::Manifest convert_index(const model::Manifest& manifest, int depth) {
        const ManifestFormat format = format_for(manifest);
        const std::vector<model::Descriptor>& entries = manifest.index()->manifests;
        Json json = base::parse_json(manifest.bytes(), "index");
        json["mediaType"] = media_type_in(format, manifest.media_type());
        Json kept = Json::array();
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (auto entry = convert_entry(json["manifests"][i], entries[i], format, depth)) {
                kept.push_back(std::move(*entry));
            }
        }
        for (Json& entry : kept) {
            point_at_new_image(entry);
        }
        json["manifests"] = std::move(kept);
        drop_what_docker_lacks(json, format);
        return model::Manifest::parse(json.dump(), json["mediaType"].get<std::string>());
    }

    /// nullopt for what Docker's format cannot hold.
    std::optional<Json> convert_entry(Json entry,
                                      const model::Descriptor& child,
                                      ManifestFormat format,
                                      int depth) {
        const model::MediaKind kind = model::kind_of(child.media_type);
        if (kind != model::MediaKind::index && kind != model::MediaKind::manifest) {
            return entry;
        }
        const model::Manifest manifest = read_child(child);
        if (child.is_attestation() || !can_convert(manifest)) {
            if (format == ManifestFormat::docker) {
                notes_.insert("attestations and artifacts are left out: Docker's format has none");
                return std::nullopt;
            }
            if (child.is_attestation()) {
                notes_.insert("attestations keep their statements, which name the old digests");
            }
            return entry;
        }
        const model::Manifest made = convert(manifest, depth + 1);
        entry["mediaType"] = made.media_type();
        entry["digest"] = made.digest().str();
        entry["size"] = made.bytes().size();
        entry.erase("data");
        return entry;
    }

    [[nodiscard]] model::Manifest read_child(const model::Descriptor& child) const {
        try {
            return source_->manifest(child, stop_);
        } catch (const base::NotFound&) {
            throw incomplete_index(*source_, child,
                                   "--platform converts one that is there; without a conversion "
                                   "--allow-missing copies the index without what is not");
        }
    }

    void point_at_new_image(Json& entry) const {
        if (!entry.contains("annotations") || !entry["annotations"].contains(kAttests)) {
            return;
        }
        Json& attested = entry["annotations"][kAttests];
        const auto old = model::Digest::try_parse(attested.is_string() ? attested.get<std::string>()
                                                                       : std::string());
        const auto found = old ? converted_.find(*old) : converted_.end();
        if (found != converted_.end()) {
            attested = found->second.digest().str();
        }
    }

    void drop_what_docker_lacks(Json& json, ManifestFormat format) {
        if (format != ManifestFormat::docker) {
            return;
        }
        for (const char* member : {"annotations", "subject", "artifactType"}) {
            if (json.erase(member) > 0) {
                notes_.insert(std::string(member) + " is left out: Docker's format has none");
            }
        }
    }

    model::Manifest convert_single(const model::Manifest& manifest) {
        const ManifestFormat format = format_for(manifest);
        const model::ImageManifest& image = *manifest.image();
        const std::vector<std::optional<Packed>> packed = pack_layers(manifest);
        Json json = base::parse_json(manifest.bytes(), "manifest");
        json["mediaType"] = media_type_in(format, manifest.media_type());
        json["config"]["mediaType"] = media_type_in(format, image.config.media_type);
        for (std::size_t i = 0; i < image.layers.size(); ++i) {
            Json& layer = json["layers"][i];
            if (!packed[i]) {
                layer["mediaType"] = media_type_in(format, image.layers[i].media_type);
                continue;
            }
            layer["mediaType"] = layer_type(format, *conversion_.compression);
            layer["digest"] = packed[i]->digest.str();
            layer["size"] = packed[i]->size;
            drop_packing_facts(layer);
        }
        drop_what_docker_lacks(json, format);
        return model::Manifest::parse(json.dump(), json["mediaType"].get<std::string>());
    }

    /// Tables of contents of seekable formats describe the old bytes.
    static void drop_packing_facts(Json& layer) {
        layer.erase("data");
        if (!layer.contains("annotations")) {
            return;
        }
        Json kept = Json::object();
        for (const auto& [key, value] : layer["annotations"].items()) {
            if (!key.starts_with("containerd.io/snapshot/stargz/") &&
                !key.starts_with("io.github.containers.zstd-chunked.")) {
                kept[key] = value;
            }
        }
        layer["annotations"] = std::move(kept);
    }

    [[nodiscard]] bool wants_packing(const model::Descriptor& layer) const {
        return conversion_.compression &&
               model::kind_of(layer.media_type) == model::MediaKind::layer &&
               (conversion_.level || compression_of(layer.media_type) != *conversion_.compression);
    }

    /// One answer for each layer: nullopt where it stays as it is.
    std::vector<std::optional<Packed>> pack_layers(const model::Manifest& manifest) {
        const model::ImageManifest& image = *manifest.image();
        std::vector<std::optional<Packed>> packed(image.layers.size());
        std::vector<std::size_t> work;
        for (std::size_t i = 0; i < image.layers.size(); ++i) {
            if (wants_packing(image.layers[i])) {
                work.push_back(i);
            }
        }
        if (work.empty()) {
            return packed;
        }
        // Fails early where Docker's format has no name for the result.
        (void)layer_type(format_for(manifest), *conversion_.compression);
        const auto config = model::ImageConfig::parse(fetch_config(*source_, manifest, stop_));
        if (config.diff_ids.size() != image.layers.size()) {
            throw base::InvalidDocument(
                base::printable(source_->name()) + ": the configuration names " +
                std::to_string(config.diff_ids.size()) + " layers, the manifest " +
                std::to_string(image.layers.size()));
        }
        parallel_for(work.size(), jobs_, [&](std::size_t i) {
            packed[work[i]] = pack_once(image.layers[work[i]], config.diff_ids[work[i]]);
        });
        return packed;
    }

    /// A layer that several platforms share is packed once.
    Packed pack_once(const model::Descriptor& layer, const model::Digest& diff_id) {
        const auto known = packed_.with([&](const auto& all) -> std::optional<Packed> {
            const auto found = all.find(layer.digest);
            return found == all.end() ? std::nullopt : std::optional(found->second);
        });
        if (known) {
            return *known;
        }
        Packed packed = pack(layer, diff_id);
        packed_.with([&](auto& all) { all.emplace(layer.digest, packed); });
        return packed;
    }

    Packed pack(const model::Descriptor& layer, const model::Digest& diff_id) {
        TransferScope transfer(progress_, "packing " + std::string(layer.digest.short_form()),
                               layer.size);
        auto plain = std::make_unique<stream::DecompressingSource>(
            source_->open_blob({layer.digest, layer.size},
                               [&transfer](std::uint64_t bytes) { transfer.advance(bytes); }));
        stream::DigestingSource unpacked(std::move(plain), model::require_verifier(diff_id));
        base::UniqueFd file = base::open_unnamed_file();
        stream::FdSink to_file(file.get(), "temporary file");
        HashingSink hashed(to_file);
        stream::CompressingSink compressor(hashed, *conversion_.compression, conversion_.level);
        (void)stream::pump(unpacked, compressor);
        compressor.finish();
        to_file.flush();
        if (const model::Digest digest = unpacked.digest(); digest != diff_id) {
            throw base::IntegrityError("layer " + layer.digest.str() + " unpacks to " +
                                       digest.str() + ", its configuration says " + diff_id.str());
        }
        Packed packed = hashed.finish();
        overlay_->add_blob(packed.digest, std::move(file));
        transfer.end(TransferEnd::done);
        return packed;
    }

    std::shared_ptr<store::ImageStore> source_;
    std::shared_ptr<OverlayStore> overlay_;
    Conversion conversion_;
    int jobs_;
    ProgressListener& progress_;
    std::stop_token stop_;
    std::map<model::Digest, model::Manifest> converted_;
    base::Guarded<std::map<model::Digest, Packed>> packed_;
    std::set<std::string> notes_;
};

}  // namespace

ConvertedImage convert_image(std::shared_ptr<store::ImageStore> source,
                             const model::Manifest& root,
                             const Conversion& conversion,
                             int jobs,
                             ProgressListener& progress,
                             std::stop_token stop) {
    return Converter(std::move(source), conversion, jobs, progress, std::move(stop)).run(root);
}

}  // namespace regtool::ops
