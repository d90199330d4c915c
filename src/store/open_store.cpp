#include "regtool/store/open_store.hpp"

#include "store/registry_store.hpp"

namespace regtool::store {

std::unique_ptr<ImageStore> open_image(std::string_view image, registry::RegistryClient& registry) {
    return make_registry_store(registry_reference(image), registry);
}

model::Reference registry_reference(std::string_view image) {
    return model::Reference::parse(image);
}

}  // namespace regtool::store
