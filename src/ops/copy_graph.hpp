#pragma once

#include <map>
#include <stop_token>
#include <vector>

#include "regtool/model/manifest.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::ops {

/// Everything below the images of one copy, each thing once.
struct CopyGraph {
    struct Node {
        model::Manifest manifest;
        store::ImageStore* source;
        int rank = 0;  ///< 0: no children; else one more than the highest of its children
    };

    struct Blob {
        model::Descriptor descriptor;
        store::ImageStore* source;
        bool foreign = false;
    };

    std::map<model::Digest, Node> manifests;
    std::map<model::Digest, Blob> blobs;  ///< filled by collect_blobs()

    /// Throws IntegrityError when a blob is listed with two sizes.
    void collect_blobs();
};

/// The manifests that a document names as its parts; none for an image.
[[nodiscard]] std::vector<model::Descriptor> child_manifests(const model::Manifest& manifest);
/// The blobs that a document names as its parts.
[[nodiscard]] std::vector<model::Descriptor> blobs_of(const model::Manifest& manifest);

/// Reads manifests level by level, side by side, each digest once. Depth and number are bounded
/// (T-27): no answer of a registry makes it run on. Not thread-safe.
class GraphReader {
  public:
    GraphReader(CopyGraph& graph, int jobs) : graph_(graph), jobs_(jobs) {}

    /// Adds a manifest and all that is below it, or nothing where it throws: IntegrityError when
    /// `source` lacks a part.
    void add(store::ImageStore& source, model::Manifest root, const std::stop_token& stop);

  private:
    void add_levels(store::ImageStore& source, model::Manifest root, const std::stop_token& stop);
    [[nodiscard]] std::vector<model::Descriptor> unread_children(
        const std::vector<model::Digest>& parents) const;
    void insert(store::ImageStore& source, model::Manifest manifest);
    int rank_of(const model::Digest& digest, int depth);

    CopyGraph& graph_;
    int jobs_;
    std::uint64_t bytes_ = 0;
    std::vector<model::Digest> added_;  ///< by the call that runs
};

}  // namespace regtool::ops
