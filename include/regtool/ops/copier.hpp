#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/model/platform.hpp"
#include "regtool/ops/copy_report.hpp"
#include "regtool/ops/image_converter.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::ops {

/// One image to copy.
struct CopyItem {
    std::shared_ptr<store::ImageStore> source;
    std::vector<std::string> names;  ///< that it gets in the target; none: its digest alone
};

struct CopyOptions {
    /// None: everything. One: that image alone, as it is. Several: a smaller index is made.
    std::vector<model::Platform> platforms;
    /// Of an index that image alone which is for this machine, where `platforms` says nothing.
    bool one_image = false;
    Conversion conversion;                   ///< into another form, with another digest
    std::optional<model::Digest> if_digest;  ///< every source must be at this digest
    bool no_clobber = false;                 ///< a name that has another digest is left alone
    bool foreign_layers = false;             ///< move non-distributable layers too
    bool referrers = false;                  ///< and theirs: signatures, SBOMs, …
    bool digest_tags = false;                ///< sha256-<hex>.sig, .att, .sbom and the like too
    /// Children of an index that the source says it does not have stay out; the report lists them.
    /// Of what is there every blob must be there too.
    bool allow_missing = false;
    bool dry_run = false;
    /// An image that cannot be copied does not keep the others back: its row says why (F-40).
    bool keep_going = false;
    int jobs = 6;
};

/// Copies images: looks at both sides, walks what each name stands for, asks the target what is
/// there, moves blobs (largest first, `jobs` at a time), puts manifests children first and gives
/// names last. Every byte is checked against its digest; a name is only given to what is whole.
/// Manifests go over byte for byte unless `platforms` asks for a smaller index or `conversion` for
/// another form. Throws
/// PreconditionError when a name or source is not at the digest it must have, IntegrityError when
/// the source lacks a part of what it offers, and the errors of both sides.
[[nodiscard]] CopyReport copy_images(const std::vector<CopyItem>& items,
                                     store::ImageTarget& target,
                                     const CopyOptions& options,
                                     ProgressListener& progress,
                                     std::stop_token stop);

}  // namespace regtool::ops
