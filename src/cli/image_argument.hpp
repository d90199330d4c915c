#pragma once

#include <memory>
#include <string>

#include "cli/session.hpp"
#include "regtool/ops/blob_choice.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::cli {

class Arguments;

/// The two options that turn an IMAGE into a BLOB: --layer and --config.
void add_blob_selector(Arguments& app, ops::BlobSelector& selector);

/// A blob that was named on the command line, and the store to read it from.
struct OpenedBlob {
    std::unique_ptr<store::ImageStore> store;
    ops::ChosenBlob blob;
};

[[nodiscard]] OpenedBlob open_blob_argument(Session& session,
                                            const std::string& name,
                                            const ops::BlobSelector& selector);

/// `--pretty` and `--raw` of commands that print a fetched document.
void add_layout_flags(Arguments& app, Session& session);

}  // namespace regtool::cli
