#pragma once

#include <functional>
#include <memory>

#include "regtool/store/image_store.hpp"
#include "regtool/store/transport.hpp"
#include "store/image_files.hpp"

namespace regtool::store {

/// Opens the files behind a location; called once, when the first thing is asked for.
using OpenImageFiles = std::function<std::unique_ptr<ImageFiles>(std::stop_token)>;

/// An image in a folder or a file of this machine.
[[nodiscard]] std::unique_ptr<ImageStore> make_local_store(Location location, OpenImageFiles open);

/// A manifest's bytes out of `files`, verified. Throws NotFound, IntegrityError.
[[nodiscard]] model::Manifest read_manifest(const ImageFiles& files,
                                            const model::Digest& digest,
                                            const model::Descriptor* descriptor,
                                            const std::string& place);

}  // namespace regtool::store
