#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "regtool/base/error.hpp"
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

    /// A child that an index lists and that was left out.
    struct Missing {
        model::Descriptor descriptor;
        const Node* index;
    };

    std::map<model::Digest, Node> manifests;
    std::map<model::Digest, Blob> blobs;  ///< filled by collect_blobs()

    /// Throws IntegrityError when a blob is listed with two sizes.
    void collect_blobs();
    /// The children of one that are not in the graph; none unless they may be missing.
    [[nodiscard]] std::vector<model::Descriptor> missing_from(const model::Manifest& index) const;
    /// The same of all.
    [[nodiscard]] std::vector<Missing> missing() const;
};

/// What to say of an index that lists what its source does not have. `hint`: what mends it.
[[nodiscard]] base::IntegrityError incomplete_index(const store::ImageStore& source,
                                                    const model::Descriptor& child,
                                                    const char* hint);

/// The manifests that a document names as its parts; none for an image.
[[nodiscard]] std::vector<model::Descriptor> child_manifests(const model::Manifest& manifest);
/// The blobs that a document names as its parts.
[[nodiscard]] std::vector<model::Descriptor> blobs_of(const model::Manifest& manifest);

/// Reads manifests level by level, side by side, each digest once. Depth and number are bounded
/// (T-27): no answer of a registry makes it run on. Not thread-safe.
class GraphReader {
  public:
    /// `allow_missing`: children that a source says it does not have are left out (MED-28).
    GraphReader(CopyGraph& graph, int jobs, bool allow_missing)
        : graph_(graph), jobs_(jobs), allow_missing_(allow_missing) {}

    /// Adds a manifest and all that is below it, or nothing where it throws: IntegrityError when
    /// `source` lacks a part and may not.
    void add(store::ImageStore& source, model::Manifest root, const std::stop_token& stop);
    /// To be called after the last add(): ranks anew what was ranked without children that another
    /// source turned out to have. Throws InvalidDocument where that nests too deep.
    void finish();

  private:
    void add_levels(store::ImageStore& source, model::Manifest root, const std::stop_token& stop);
    [[nodiscard]] std::vector<model::Descriptor> unread_children(
        const std::vector<model::Digest>& parents) const;
    void insert(store::ImageStore& source, model::Manifest manifest);
    int rank_of(const model::Digest& digest, int depth);
    [[nodiscard]] std::optional<model::Manifest> read_child(store::ImageStore& source,
                                                            const model::Descriptor& child,
                                                            const std::stop_token& stop) const;

    CopyGraph& graph_;
    int jobs_;
    bool allow_missing_;
    std::uint64_t bytes_ = 0;
    std::vector<model::Digest> added_;  ///< by the call that runs
};

}  // namespace regtool::ops
