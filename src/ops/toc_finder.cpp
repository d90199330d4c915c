#include "toc_finder.hpp"

#include <algorithm>
#include <utility>

#include "held_bytes.hpp"
#include "layer_source.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "regtool/layer/toc_place.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/verify.hpp"

namespace regtool::ops {

namespace {

/// What is asked of a layer's end: the footer, and the whole table of most layers. A layer that is
/// no larger is better read whole.
constexpr std::uint64_t kTailBytes = std::uint64_t{64} << 10;

constexpr const char* kStargzDigest = "containerd.io/snapshot/stargz/toc.digest";
constexpr const char* kContainersDigest = "io.github.containers.zstd-chunked.manifest-checksum";
constexpr const char* kContainersPosition = "io.github.containers.zstd-chunked.manifest-position";
constexpr const char* kSnapshotterDigest = "io.containers.zstd-chunked.manifest-checksum";
constexpr const char* kSnapshotterPosition = "io.containers.zstd-chunked.manifest-position";
/// eStargz's converter, nativeconverter/estargz/externaltoc of stargz-snapshotter.
constexpr const char* kExternalLayer = "containerd.io/snapshot/stargz/layer.digest";
constexpr std::string_view kExternalEnding = "-esgztoc";

/// What the manifest says of a layer's table.
struct Announced {
    std::optional<std::string> plain;     ///< digest of the JSON
    std::optional<std::string> packed;    ///< digest of the packed JSON
    std::optional<std::string> position;  ///< of the packed JSON
    bool twice = false;                   ///< by two formats, which may contradict each other
};

Announced announced(const model::Descriptor& layer) {
    const auto get = [&](const char* name) -> std::optional<std::string> {
        const auto found = layer.annotations.find(name);
        return found == layer.annotations.end() ? std::nullopt : std::optional(found->second);
    };
    Announced says{get(kStargzDigest), get(kSnapshotterDigest), get(kSnapshotterPosition)};
    if (const auto containers = get(kContainersDigest)) {
        says.twice = says.plain || says.packed;
        says.packed = containers;
        says.position = get(kContainersPosition);
    }
    return says;
}

/// The first source, then the second.
class TwoSources final : public stream::Source {
  public:
    TwoSources(std::unique_ptr<stream::Source> first, std::unique_ptr<stream::Source> second)
        : first_(std::move(first)), second_(std::move(second)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        if (first_) {
            if (const std::size_t got = first_->read(out); got != 0) {
                return got;
            }
            first_.reset();
        }
        return second_->read(out);
    }

  private:
    std::unique_ptr<stream::Source> first_;
    std::unique_ptr<stream::Source> second_;
};

/// Thrown and caught here: the table is no help, the layer is.
struct NotUsable {
    std::string why;
};

class TocFinder {
  public:
    TocFinder(store::ImageStore& store,
              const model::Descriptor& layer,
              const store::BytesArrived& arrived,
              const std::stop_token& stop)
        : store_(store),
          layer_(layer),
          arrived_(arrived),
          stop_(stop),
          says_(announced(layer)),
          plain_(digest_of(says_.plain)),
          packed_(digest_of(says_.packed)) {}

    [[nodiscard]] FoundToc find() {
        if (says_.twice) {
            throw NotUsable{"two formats announce one"};
        }
        const layer::TocPlace place = locate();
        std::optional<layer::TocOwnFile> own;
        HeldBytes json;
        switch (place.form) {
            case layer::TocPlace::Form::zstd_skippable:
                unpack(stored(place.first, place.count), json);
                break;
            case layer::TocPlace::Form::estargz:
                own = unpack_tar(stored(place.first, place.count), place, json);
                break;
            case layer::TocPlace::Form::external:
                (void)unpack_tar(in_other_image(), place, json);
                break;
        }
        const auto source = json.take();
        try {
            auto toc = layer::read_layer_toc(*source, place.data_end, std::move(own));
            return {std::make_shared<const layer::LayerToc>(std::move(toc)),
                    place.form == layer::TocPlace::Form::zstd_skippable
                        ? "by its zstd:chunked table of contents"
                        : "by its eStargz table of contents"};
        } catch (const base::InvalidDocument& error) {
            throw NotUsable{error.message()};
        }
    }

  private:
    static std::optional<model::Digest> digest_of(const std::optional<std::string>& text) {
        auto digest = text ? model::Digest::try_parse(*text) : std::nullopt;
        if (text && (!digest || !digest->verifier())) {
            throw NotUsable{"the manifest names it by what is no digest: " +
                            base::printable(*text, 100)};
        }
        return digest;
    }

    [[nodiscard]] layer::TocPlace locate() {
        std::optional<layer::TocPlace> place;
        if (says_.position) {
            place = layer::parse_toc_position(*says_.position, layer_.size);
        } else {
            fetch_tail();
            place = layer::find_toc(tail_, layer_.size);
        }
        if (place && place->form != layer::TocPlace::Form::zstd_skippable && !plain_) {
            throw NotUsable{"the manifest names no digest of what it unpacks to"};
        }
        if (!place) {
            throw NotUsable{says_.position
                                ? "the manifest does not say where it is"
                                : "the layer does not end with a footer that leads to it"};
        }
        return *place;
    }

    void fetch_tail() {
        tail_first_ = layer_.size - kTailBytes;
        stream::StringSink tail(kTailBytes);
        const auto source =
            open_range(store_, layer_.digest, tail_first_, kTailBytes, arrived_, stop_);
        stream::pump(*source, tail);
        tail_ = std::move(tail.text());
        if (tail_.size() != kTailBytes) {
            throw NotUsable{"the layer is shorter than the manifest says"};
        }
    }

    /// The table that eStargz keeps out of the layer: the manifest of the image's tag with an
    /// ending names it by the layer's digest. Whoever made that tag vouches for nothing; the digest
    /// of the table does.
    [[nodiscard]] std::unique_ptr<stream::Source> in_other_image() {
        const auto name = own_name();
        if (!name) {
            throw NotUsable{"it is in an image of its own, which only a tag leads to"};
        }
        const std::string other_name = *name + std::string(kExternalEnding);
        try {
            other_ = store_.named(other_name);
            const model::Manifest manifest = other_->root(stop_);
            if (manifest.image() != nullptr) {
                for (const model::Descriptor& table : manifest.image()->layers) {
                    const auto about = table.annotations.find(kExternalLayer);
                    if (about != table.annotations.end() && about->second == layer_.digest.str()) {
                        return other_->open_blob({table.digest, table.size}, arrived_);
                    }
                }
            }
        } catch (const base::NotFound&) {
        } catch (const base::UsageError&) {
        }
        throw NotUsable{"no " + other_name + " has it"};
    }

    /// Stored bytes, those at the end not fetched again.
    [[nodiscard]] std::unique_ptr<stream::Source> stored(std::uint64_t first, std::uint64_t count) {
        const std::uint64_t end = first + count;
        if (tail_.empty() || end <= tail_first_) {
            return open_range(store_, layer_.digest, first, count, arrived_, stop_);
        }
        const std::uint64_t from = std::max(first, tail_first_);
        auto at_hand =
            std::make_unique<stream::StringSource>(tail_.substr(from - tail_first_, end - from));
        if (first >= tail_first_) {
            return at_hand;
        }
        return std::make_unique<TwoSources>(
            open_range(store_, layer_.digest, first, tail_first_ - first, arrived_, stop_),
            std::move(at_hand));
    }

    /// The name, by which the image was named, of those that its place has for images.
    [[nodiscard]] std::optional<std::string> own_name() const {
        const std::string place = store_.repository_name() + ":";
        const std::string image = store_.name();
        if (!image.starts_with(place) || image.find('@', place.size()) != std::string::npos) {
            return std::nullopt;
        }
        return image.substr(place.size());
    }

    [[noreturn]] static void throw_mismatch(const std::string& why) {
        throw base::IntegrityError(
            "its table of contents is not the one that the manifest names: " + why);
    }

    /// What it unpacks to; throws unless that is what the manifest says.
    void copy_plain(stream::Source& json, HeldBytes& held) const {
        if (!plain_) {
            stream::pump(json, held);
            return;
        }
        stream::VerifyingSink verifying(held, {*plain_, std::nullopt});
        stream::pump(json, verifying);
        verifying.finish();
    }

    void unpack(std::unique_ptr<stream::Source> bytes, HeldBytes& held) const {
        if (packed_) {
            bytes = std::make_unique<stream::VerifyingSource>(
                std::move(bytes), stream::Expectation{*packed_, std::nullopt});
        }
        stream::InflateLimits limits;
        limits.max_bytes = layer::kMaxTocBytes;
        stream::DecompressingSource json(std::move(bytes), limits);
        try {
            copy_plain(json, held);
        } catch (const base::InvalidDocument& error) {
            throw_mismatch(error.message());
        } catch (const base::IntegrityError& error) {
            throw_mismatch(error.message());
        }
    }

    /// The table is the first file of a tar; as the tar ends the layer's own, it is a file of the
    /// layer, with the facts that the format gives it.
    [[nodiscard]] layer::TocOwnFile unpack_tar(std::unique_ptr<stream::Source> bytes,
                                               const layer::TocPlace& place,
                                               HeldBytes& held) const {
        stream::InflateLimits limits;
        limits.max_bytes = layer::kMaxTocBytes + (std::uint64_t{1} << 20);
        layer::TocOwnFile own;
        try {
            layer::LayerReader tar(
                std::make_unique<stream::DecompressingSource>(std::move(bytes), limits));
            const layer::Entry* entry = tar.next();
            if (entry == nullptr || entry->path != kTocFile) {
                throw base::InvalidDocument("there is no " + std::string(kTocFile));
            }
            own.content = {place.first, place.first + place.count, tar.content_offset(),
                           entry->size};
            CurrentContent content(tar);
            copy_plain(content, held);
        } catch (const base::InvalidDocument& error) {
            throw_mismatch(error.message());
        } catch (const base::IntegrityError& error) {
            throw_mismatch(error.message());
        }
        const auto hash = layer::sha256_bytes(*plain_);
        if (!hash) {
            throw NotUsable{"it is not named by a SHA-256"};
        }
        own.content.hash = *hash;
        own.entry.path = kTocFile;
        own.entry.type = layer::EntryType::file;
        own.entry.size = own.content.bytes;
        return own;
    }

    store::ImageStore& store_;
    const model::Descriptor& layer_;
    const store::BytesArrived& arrived_;
    const std::stop_token& stop_;
    Announced says_;
    std::optional<model::Digest> plain_;
    std::optional<model::Digest> packed_;
    std::unique_ptr<store::ImageStore> other_;  ///< that an external table is read from
    std::string tail_;                          ///< the layer's last bytes, once they were fetched
    std::uint64_t tail_first_ = 0;
};

}  // namespace

bool announces_toc(const model::Descriptor& layer) {
    const Announced says = announced(layer);
    return (says.plain || says.packed) && layer.size > kTailBytes;
}

FoundToc find_layer_toc(store::ImageStore& store,
                        const model::Descriptor& layer,
                        const store::BytesArrived& arrived,
                        const std::stop_token& stop) {
    if (!announces_toc(layer)) {
        return {};
    }
    try {
        return TocFinder(store, layer, arrived, stop).find();
    } catch (const NotUsable& reason) {
        return {nullptr, "its table of contents is not used: " + reason.why};
    } catch (const base::RegistryError& error) {
        if (error.kind() == base::ErrorKind::limited) {
            throw;
        }
        return {nullptr, "its table of contents is not used: " + error.message()};
    } catch (base::Error& error) {
        error.prefix("layer " + layer.digest.str());
        throw;
    }
}

}  // namespace regtool::ops
