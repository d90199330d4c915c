#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace regtool::ops {

/// Files that a deletion removed.
struct FreedFiles {
    std::uint64_t blobs = 0;  ///< manifests counted with them
    std::uint64_t bytes = 0;
};

/// What a deletion would do, and did.
struct DeleteReport {
    std::string reference;          ///< REPO@DIGEST, or REPO:TAG where only the tag goes
    std::string digest;             ///< what it stands for
    std::vector<std::string> tags;  ///< all that go with it
    /// Why `tags` may not be all of them; empty: they are.
    std::string tags_unknown;
    std::vector<std::string> used_by;    ///< tags of indexes that list it and would lose it
    std::vector<std::string> referrers;  ///< digests of what is about it and stays
    std::vector<std::string> unknown;    ///< what else could not be found out, and why
    bool deleted = false;

    /// In a layout on this machine, where indexes of `used_by` keep the image as their part, and
    /// what nothing needs any more is removed at once.
    bool in_layout = false;
    std::optional<FreedFiles> freed;  ///< of a layout, when it was done
};

}  // namespace regtool::ops
