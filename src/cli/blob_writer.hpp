#pragma once

#include <string>

#include "cli/session.hpp"
#include "regtool/ops/blob_choice.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::cli {

class Arguments;

/// Where a blob's bytes go.
struct BlobOutput {
    std::string file;  ///< empty or "-": standard output
    bool decompress = false;
    int parallel_ranges = 0;  ///< 0: as the transfer shows to be best
};

/// --parallel-ranges, for commands that read whole blobs.
void add_parallel_ranges(Arguments& app, int& connections);
/// Tells the session's registry client; one connection where --limit-rate was given.
void use_parallel_ranges(Session& session, int connections);
/// -o, --decompress and --parallel-ranges.
void add_blob_output(Arguments& app, BlobOutput& output);

/// Streams a blob to its place, verified. A file appears under its name only when it is whole and
/// right.
void write_blob(Session& session,
                store::ImageStore& store,
                const ops::ChosenBlob& blob,
                const BlobOutput& output);

}  // namespace regtool::cli
