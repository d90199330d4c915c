#include "published_indexes.hpp"

#include <algorithm>
#include <utility>

#include "index_artifact.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/layer/ztoc.hpp"
#include "soci_index.hpp"

namespace regtool::ops {

namespace {

/// Reading a smaller layer takes no longer than asking for its index would.
constexpr std::uint64_t kWorthAsking = std::uint64_t{1} << 20;
/// An index is about a hundredth of its layer, SOCI's some hundredths; one that is larger than this
/// part of it is no help.
constexpr std::uint64_t kLargestPart = 4;
/// Whoever publishes replaces what was there, so there is one; a few more may have crossed.
constexpr std::size_t kMostArtifacts = 4;

constexpr const char* kPublished = "a published index";
constexpr const char* kVouched = ", which the image names";
constexpr const char* kHearsay =
    " that is published beside the image; nobody but its publisher vouches for it";

std::string found_at(const char* what, const model::Descriptor& blob, const char* whose) {
    return "by " + std::string(what) + " of " + base::human_size(blob.size) + whose;
}

/// What `find` finds; why not, where it fails.
template <class Find>
PublishedIndexes::Found none_on_error(const char* what, const Find& find) {
    try {
        return find();
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        return {.note = std::string(what) + " was of no use: " + error.message()};
    }
}

}  // namespace

PublishedIndexes::PublishedIndexes(store::ImageStore& store,
                                   PublishedPlaces places,
                                   const LayerIndexCache& cache,
                                   std::stop_token stop)
    : store_(store), places_(std::move(places)), cache_(cache), stop_(std::move(stop)) {}

const model::Manifest& PublishedIndexes::named() {
    const std::scoped_lock lock(mutex_);
    if (!named_) {
        named_ = store_.manifest_of(*places_.soci, stop_);
    }
    return *named_;
}

/// One request for all types: most images have few referrers or none.
const std::vector<model::Manifest>& PublishedIndexes::referrers() {
    const std::scoped_lock lock(mutex_);
    if (!std::exchange(looked_, true)) {
        const auto listed = store_.referrers(*places_.referrers_of, {}, stop_);
        for (const std::string_view type : {kLayerIndexType, kSociReferrerType}) {
            std::size_t taken = 0;
            for (const model::Descriptor& entry : listed) {
                if (entry.artifact_type == type && taken++ < kMostArtifacts) {
                    referrers_.push_back(store_.manifest(entry, stop_));
                }
            }
        }
    }
    return referrers_;
}

std::string PublishedIndexes::fetch(const model::Descriptor& blob, const model::Descriptor& layer) {
    if (blob.size > layer.size / kLargestPart || blob.size > layer::kMaxIndexBytes) {
        throw base::InvalidDocument("it is too large beside its layer");
    }
    if (auto kept = cache_.find_blob(blob)) {
        return *std::move(kept);
    }
    stream::StringSink bytes(blob.size);
    store_.fetch_blob({blob.digest, blob.size}, bytes, stop_, {}, nullptr);
    try {
        cache_.put_blob(blob.digest, bytes.text());
    } catch (const base::IoError&) {  // NOLINT(bugprone-empty-catch)
        // The next run fetches it again.
    }
    return std::move(bytes.text());
}

layer::LayerIndex PublishedIndexes::fetch_index(const model::Descriptor& blob,
                                                const model::Descriptor& layer) {
    layer::LayerIndex index = layer::read_layer_index(fetch(blob, layer));
    if (index.layer != layer.digest || index.layer_bytes != layer.size) {
        throw base::InvalidDocument("it is the index of another layer");
    }
    return index;
}

layer::LayerIndex PublishedIndexes::fetch_ztoc(const model::Descriptor& blob,
                                               const model::Descriptor& layer) {
    return layer::read_ztoc(fetch(blob, layer), layer.digest, layer.size);
}

PublishedIndexes::Found PublishedIndexes::find_in(const model::Manifest& artifact,
                                                  const model::Descriptor& layer) {
    const model::Digest& image = *places_.referrers_of;
    if (const auto* blob = index_in_artifact(artifact, image, layer.digest)) {
        return {fetch_index(*blob, layer), false, found_at("an index", *blob, kHearsay)};
    }
    const auto* ztoc =
        is_soci_index_about(artifact, image) ? ztoc_in_index(artifact, layer.digest) : nullptr;
    if (ztoc != nullptr) {
        return {fetch_ztoc(*ztoc, layer), false, found_at("a SOCI index", *ztoc, kHearsay)};
    }
    return {};
}

PublishedIndexes::Found PublishedIndexes::find_named(const model::Descriptor& layer) {
    const auto* ztoc = ztoc_in_index(named(), layer.digest);
    if (ztoc == nullptr) {
        return {};
    }
    return {fetch_ztoc(*ztoc, layer), true, found_at("the SOCI index", *ztoc, kVouched)};
}

PublishedIndexes::Found PublishedIndexes::find_referrer(const model::Descriptor& layer) {
    Found none;
    for (const model::Manifest& artifact : referrers()) {
        Found found = none_on_error(kPublished, [&] { return find_in(artifact, layer); });
        if (found.index) {
            return found;
        }
        none = found.note.empty() ? std::move(none) : std::move(found);
    }
    return none;
}

PublishedIndexes::Found PublishedIndexes::find(const model::Descriptor& layer) {
    if (layer.size < kWorthAsking) {
        return {};
    }
    Found found;
    if (places_.soci) {
        found =
            none_on_error("the SOCI index that the image names", [&] { return find_named(layer); });
    }
    if (!found.index && places_.referrers_of) {
        const std::string before = std::move(found.note);
        found = none_on_error(kPublished, [&] { return find_referrer(layer); });
        if (found.note.empty()) {
            found.note = before;
        }
    }
    return found;
}

}  // namespace regtool::ops
