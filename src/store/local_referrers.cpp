#include "store/local_referrers.hpp"

#include <set>

#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"
#include "store/local_store.hpp"

namespace regtool::store {

namespace {

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxManifests = 100'000;

class Search {
  public:
    Search(const ImageFiles& files, const std::string& place, const std::stop_token& stop)
        : files_(files), place_(place), stop_(stop) {}

    void look_at(const model::Descriptor& listed, int depth) {
        const model::MediaKind kind = model::kind_of(listed.media_type);
        const bool is_manifest =
            kind == model::MediaKind::manifest || kind == model::MediaKind::index;
        if (!is_manifest || depth > kMaxDepth || seen_.size() >= kMaxManifests ||
            !seen_.insert(listed.digest).second) {
            return;
        }
        if (stop_.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        const auto manifest = read(listed);
        if (!manifest) {
            return;
        }
        if (const model::Descriptor* subject = manifest->subject()) {
            found_.emplace(subject->digest, manifest->referrer_descriptor());
        }
        if (const model::IndexManifest* index = manifest->index()) {
            for (const model::Descriptor& child : index->manifests) {
                look_at(child, depth + 1);
            }
        }
    }

    [[nodiscard]] Referrers take() { return std::move(found_); }

  private:
    [[nodiscard]] std::optional<model::Manifest> read(const model::Descriptor& listed) const {
        try {
            return read_manifest(files_, listed.digest, &listed, place_);
        } catch (const base::Error&) {
            return std::nullopt;
        }
    }

    const ImageFiles& files_;
    const std::string& place_;
    const std::stop_token& stop_;
    std::set<model::Digest> seen_;
    Referrers found_;
};

}  // namespace

Referrers find_referrers(const ImageFiles& files,
                         const std::string& place,
                         const std::stop_token& stop) {
    Search search(files, place, stop);
    for (const ListedImage& image : files.images()) {
        search.look_at(image.descriptor, 0);
    }
    return search.take();
}

}  // namespace regtool::store
