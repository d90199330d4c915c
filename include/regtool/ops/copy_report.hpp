#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/base/exit_code.hpp"

namespace regtool::ops {

/// What became, or in a plan would become, of a blob.
enum class BlobAction {
    move,     ///< its bytes go from the source to the target
    mount,    ///< taken over from another repository of the same registry
    present,  ///< in the target already
    foreign,  ///< a non-distributable layer: the manifest lists it, its bytes stay where they are
};

[[nodiscard]] constexpr std::string_view to_string(BlobAction action) noexcept {
    switch (action) {
        case BlobAction::move:
            return "move";
        case BlobAction::mount:
            return "mount";
        case BlobAction::present:
            return "present";
        case BlobAction::foreign:
            return "foreign";
    }
    return "move";
}

struct CopiedBlob {
    std::string digest;
    std::string media_type;
    std::uint64_t size = 0;  ///< bytes
    BlobAction action = BlobAction::move;
};

/// A child of an index that the source does not have: the copy lists it and lacks it (MED-28).
struct MissingManifest {
    std::string digest;
    std::string media_type;
    std::uint64_t size = 0;  ///< bytes, as the index says
    std::string platform;    ///< empty where the index says none
    std::string index;       ///< digest of the index that lists it
    std::string source;      ///< that was asked
};

struct CopiedImage {
    std::string source;
    std::string target;              ///< REPO@DIGEST
    std::vector<std::string> names;  ///< in the target; empty when it is known by its digest alone
    std::string digest;
    std::string source_digest;  ///< differs from `digest` where a changed image was asked for
    std::string media_type;
    bool unchanged = false;  ///< every name had this digest already
    std::string error;       ///< why it was not copied, where others went on
    base::ExitCode code = base::ExitCode::ok;
};

struct CopyReport {
    std::string target;  ///< repository, folder or file
    bool dry_run = false;
    std::vector<CopiedImage> images;       ///< in the order asked for
    std::vector<CopiedBlob> blobs;         ///< each once
    std::vector<MissingManifest> missing;  ///< each time an index lists it
    std::uint64_t manifests_moved = 0;
    std::uint64_t manifests_present = 0;
    std::vector<std::string> notes;  ///< what the user should know: losses of a conversion, …
};

/// Number and bytes of the blobs with an action.
struct BlobTally {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
};

[[nodiscard]] inline BlobTally tally(const CopyReport& report, BlobAction action) noexcept {
    BlobTally sum;
    for (const CopiedBlob& blob : report.blobs) {
        if (blob.action == action) {
            ++sum.count;
            sum.bytes += blob.size;
        }
    }
    return sum;
}

}  // namespace regtool::ops
