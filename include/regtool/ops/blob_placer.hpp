#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "regtool/ops/blob_choice.hpp"
#include "regtool/ops/blob_report.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::ops {

/// What brings blobs into repositories works with.
struct PlacingTools {
    registry::RegistryClient& registry;
    ProgressListener& progress;
    std::stop_token stop;
};

/// Uploads a file, or standard input for "-", which is kept in an unnamed temporary file meanwhile.
/// The bytes are hashed first: with `digest` others are refused (IntegrityError), and a blob that
/// is there already is not sent again.
[[nodiscard]] BlobPlacement put_blob_file(const PlacingTools& tools,
                                          const std::string& file,
                                          const std::optional<model::Digest>& digest,
                                          const model::Repository& to);

/// Takes a blob over from another repository of the same registry without moving bytes. Throws
/// NotFound when `from` does not have it.
[[nodiscard]] BlobPlacement mount_blob(const PlacingTools& tools,
                                       const model::Repository& from,
                                       const model::Digest& digest,
                                       const model::Repository& to);

/// Brings a blob from anywhere into a repository: by mounting where both are in one registry and it
/// agrees, else through this machine, verified on the way.
[[nodiscard]] BlobPlacement copy_blob(const PlacingTools& tools,
                                      store::ImageStore& from,
                                      const ChosenBlob& blob,
                                      const model::Repository& to);

}  // namespace regtool::ops
