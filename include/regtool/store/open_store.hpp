#pragma once

#include <memory>
#include <string_view>

#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::store {

/// Opens what an IMAGE argument names. Nothing is read yet. Throws UsageError for text that names
/// nothing. `registry` must outlive the store.
[[nodiscard]] std::unique_ptr<ImageStore> open_image(std::string_view image,
                                                     registry::RegistryClient& registry);

/// The registry reference of an IMAGE, for commands that only make sense there (retag, manifest
/// put). Throws UsageError for other transports.
[[nodiscard]] model::Reference registry_reference(std::string_view image);

}  // namespace regtool::store
