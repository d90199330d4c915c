#pragma once

#include <memory>
#include <string_view>

#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_store.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::store {

/// Opens what an IMAGE argument names, of any transport. Nothing is read yet. Throws UsageError for
/// text that names nothing. `registry` must outlive the store.
[[nodiscard]] std::unique_ptr<ImageStore> open_image(std::string_view image,
                                                     registry::RegistryClient& registry);

/// Opens what a destination argument names, of any transport. Nothing is written yet. Throws
/// UsageError for text that names nothing or a place that cannot be written to. `registry` must
/// outlive the target.
[[nodiscard]] std::unique_ptr<ImageTarget> open_target(std::string_view image,
                                                       registry::RegistryClient& registry);

/// Whether an IMAGE is in a registry.
[[nodiscard]] bool is_registry_image(std::string_view image);

/// The registry reference of an IMAGE, for commands that only make sense there (retag, manifest
/// put). Throws UsageError for other transports.
[[nodiscard]] model::Reference registry_reference(std::string_view image);

}  // namespace regtool::store
