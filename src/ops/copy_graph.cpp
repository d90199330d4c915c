#include "ops/copy_graph.hpp"

#include <algorithm>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/ops/image_choice.hpp"
#include "regtool/ops/parallel.hpp"

namespace regtool::ops {

namespace {

constexpr std::size_t kMaxGraphManifests = 100'000;
constexpr std::uint64_t kMaxGraphBytes = std::uint64_t{256} << 20;  ///< of manifests in memory

/// Whether an index entry is read as a manifest. Anything else that an index lists is bytes to us
/// (MED-18).
bool is_manifest(const model::Descriptor& child) {
    switch (model::kind_of(child.media_type)) {
        case model::MediaKind::index:
        case model::MediaKind::manifest:
        case model::MediaKind::schema1:
            return true;
        case model::MediaKind::config:
        case model::MediaKind::layer:
        case model::MediaKind::foreign_layer:
        case model::MediaKind::empty:
        case model::MediaKind::opaque:
            break;
    }
    return false;
}

}  // namespace

base::IntegrityError incomplete_index(const store::ImageStore& source,
                                      const model::Descriptor& child,
                                      const char* hint) {
    base::IntegrityError error(base::printable(source.name()) + " is incomplete: manifest " +
                               child.digest.str() + ", which its index lists, is not there");
    error.facts().reference = source.name();
    error.set_hint(hint);
    return error;
}

std::vector<model::Descriptor> child_manifests(const model::Manifest& manifest) {
    std::vector<model::Descriptor> children;
    if (const model::IndexManifest* index = manifest.index()) {
        std::copy_if(index->manifests.begin(), index->manifests.end(), std::back_inserter(children),
                     is_manifest);
    }
    return children;
}

std::vector<model::Descriptor> blobs_of(const model::Manifest& manifest) {
    std::vector<model::Descriptor> blobs;
    if (const model::ImageManifest* image = manifest.image()) {
        blobs = image->layers;
        blobs.push_back(image->config);
    } else if (const model::IndexManifest* index = manifest.index()) {
        std::copy_if(index->manifests.begin(), index->manifests.end(), std::back_inserter(blobs),
                     [](const model::Descriptor& child) { return !is_manifest(child); });
    }
    return blobs;
}

void CopyGraph::collect_blobs() {
    blobs.clear();
    for (const auto& [digest, node] : manifests) {
        for (model::Descriptor& blob : blobs_of(node.manifest)) {
            const bool is_foreign =
                model::kind_of(blob.media_type) == model::MediaKind::foreign_layer;
            const auto [entry, added] =
                blobs.try_emplace(blob.digest, Blob{blob, node.source, is_foreign});
            if (entry->second.descriptor.size != blob.size) {
                throw base::IntegrityError("blob " + blob.digest.str() + " is listed with " +
                                           std::to_string(entry->second.descriptor.size) +
                                           " and with " + std::to_string(blob.size) + " bytes");
            }
            // Whoever lists it as an ordinary layer needs its bytes.
            entry->second.foreign = entry->second.foreign && is_foreign;
        }
    }
}

std::vector<model::Descriptor> CopyGraph::missing_from(const model::Manifest& index) const {
    std::vector<model::Descriptor> missing = child_manifests(index);
    std::erase_if(missing, [this](const auto& child) { return manifests.contains(child.digest); });
    return missing;
}

std::vector<CopyGraph::Missing> CopyGraph::missing() const {
    std::vector<Missing> all;
    for (const auto& [digest, node] : manifests) {
        for (model::Descriptor& child : missing_from(node.manifest)) {
            all.push_back({std::move(child), &node});
        }
    }
    return all;
}

void GraphReader::add(store::ImageStore& source,
                      model::Manifest root,
                      const std::stop_token& stop) {
    added_.clear();
    try {
        add_levels(source, std::move(root), stop);
    } catch (...) {
        for (const model::Digest& digest : added_) {
            graph_.manifests.erase(digest);
        }
        throw;
    }
}

void GraphReader::add_levels(store::ImageStore& source,
                             model::Manifest root,
                             const std::stop_token& stop) {
    const model::Digest root_digest = root.digest();
    std::vector<model::Digest> level{root_digest};
    insert(source, std::move(root));
    for (int depth = 0; !level.empty(); ++depth) {
        const std::vector<model::Descriptor> wanted = unread_children(level);
        if (!wanted.empty() && depth >= kMaxIndexDepth) {
            throw base::InvalidDocument("indexes nested deeper than " +
                                        std::to_string(kMaxIndexDepth));
        }
        std::vector<std::optional<model::Manifest>> read(wanted.size());
        parallel_for(wanted.size(), jobs_,
                     [&](std::size_t i) { read[i] = read_child(source, wanted[i], stop); });
        level.clear();
        for (auto& manifest : read) {
            if (manifest) {
                level.push_back(manifest->digest());
                insert(source, std::move(*manifest));
            }
        }
    }
    (void)rank_of(root_digest, 0);
}

void GraphReader::finish() {
    if (!allow_missing_) {
        return;
    }
    for (auto& [digest, node] : graph_.manifests) {
        node.rank = 0;
    }
    for (const auto& [digest, node] : graph_.manifests) {
        (void)rank_of(digest, 0);
    }
}

std::optional<model::Manifest> GraphReader::read_child(store::ImageStore& source,
                                                       const model::Descriptor& child,
                                                       const std::stop_token& stop) const {
    try {
        model::Manifest manifest = source.manifest(child, stop);
        if (manifest.digest() != child.digest) {
            throw base::InvalidDocument("manifest " + child.digest.str() +
                                        ": only manifests that are named by sha256 can be copied");
        }
        return manifest;
    } catch (const base::NotFound&) {
        if (allow_missing_) {
            return std::nullopt;
        }
        throw incomplete_index(
            source, child,
            "--platform copies the platforms that are there; --allow-missing copies the whole "
            "index without what is not");
    }
}

std::vector<model::Descriptor> GraphReader::unread_children(
    const std::vector<model::Digest>& parents) const {
    std::vector<model::Descriptor> wanted;
    std::set<model::Digest> seen;
    for (const model::Digest& parent : parents) {
        for (model::Descriptor& child : child_manifests(graph_.manifests.at(parent).manifest)) {
            if (!graph_.manifests.contains(child.digest) && seen.insert(child.digest).second) {
                wanted.push_back(std::move(child));
            }
        }
    }
    if (graph_.manifests.size() + wanted.size() > kMaxGraphManifests) {
        throw base::InvalidDocument("more than " + std::to_string(kMaxGraphManifests) +
                                    " manifests in one copy");
    }
    return wanted;
}

void GraphReader::insert(store::ImageStore& source, model::Manifest manifest) {
    if (manifest.schema1() != nullptr) {
        throw base::InvalidDocument(
            base::printable(source.name()) +
            " is in Docker's schema 1, which registries no longer take; build it anew");
    }
    bytes_ += manifest.bytes().size();
    if (bytes_ > kMaxGraphBytes) {
        throw base::InvalidDocument("more than " + base::human_size(kMaxGraphBytes) +
                                    " of manifests in one copy");
    }
    model::Digest digest = manifest.digest();
    if (graph_.manifests.try_emplace(digest, CopyGraph::Node{std::move(manifest), &source})
            .second) {
        added_.push_back(std::move(digest));
    }
}

int GraphReader::rank_of(const model::Digest& digest, int depth) {
    if (depth > kMaxIndexDepth) {
        throw base::InvalidDocument("indexes nested deeper than " + std::to_string(kMaxIndexDepth));
    }
    CopyGraph::Node& node = graph_.manifests.at(digest);
    if (node.rank > 0) {
        return node.rank;
    }
    for (const model::Descriptor& child : child_manifests(node.manifest)) {
        if (graph_.manifests.contains(child.digest)) {
            node.rank = std::max(node.rank, rank_of(child.digest, depth + 1) + 1);
        }
    }
    return node.rank;
}

}  // namespace regtool::ops
