#pragma once

#include <memory>

#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::store {

/// A place in a registry to put an image. `registry` must outlive it.
[[nodiscard]] std::unique_ptr<ImageTarget> make_registry_target(model::Reference reference,
                                                                registry::RegistryClient& registry);

}  // namespace regtool::store
