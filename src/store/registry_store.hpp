#pragma once

#include <memory>

#include "regtool/registry/registry_client.hpp"
#include "regtool/store/image_store.hpp"

namespace regtool::store {

/// An image in a registry. `registry` must outlive it.
[[nodiscard]] std::unique_ptr<ImageStore> make_registry_store(model::Reference reference,
                                                              registry::RegistryClient& registry);

}  // namespace regtool::store
