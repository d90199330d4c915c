#include "regtool/store/open_store.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/store/transport.hpp"
#include "store/archive_files.hpp"
#include "store/archive_target.hpp"
#include "store/folder_files.hpp"
#include "store/folder_target.hpp"
#include "store/layout_files.hpp"
#include "store/layout_target.hpp"
#include "store/local_store.hpp"
#include "store/registry_store.hpp"
#include "store/registry_target.hpp"

namespace regtool::store {

std::unique_ptr<ImageStore> open_image(std::string_view image, registry::RegistryClient& registry) {
    const Location location = parse_location(image);
    const std::string& path = location.path;
    switch (location.transport) {
        case Transport::layout:
            return make_local_store(
                location, [path](const std::stop_token&) { return open_layout_files(path); });
        case Transport::layout_archive:
            return make_local_store(location, [path](const std::stop_token& stop) {
                return open_layout_archive(path, stop);
            });
        case Transport::docker_archive:
            return make_local_store(location, [path](const std::stop_token& stop) {
                return open_docker_archive(path, stop);
            });
        case Transport::folder:
            return make_local_store(
                location, [path](const std::stop_token&) { return open_folder_files(path); });
        case Transport::registry:
            break;
    }
    return make_registry_store(model::Reference::parse(image), registry);
}

std::unique_ptr<ImageTarget> open_target(std::string_view image,
                                         registry::RegistryClient& registry) {
    const Location location = parse_location(image);
    switch (location.transport) {
        case Transport::registry:
            return make_registry_target(model::Reference::parse(image), registry);
        case Transport::layout:
            return make_layout_target(location);
        case Transport::layout_archive:
        case Transport::docker_archive:
            return make_archive_target(location);
        case Transport::folder:
            return make_folder_target(location);
    }
    throw base::Error(base::ErrorKind::internal, "a transport that nobody knows");
}

bool is_registry_image(std::string_view image) {
    return parse_location(image).transport == Transport::registry;
}

model::Reference registry_reference(std::string_view image) {
    const Location location = parse_location(image);
    if (location.transport != Transport::registry) {
        throw base::UsageError("'" + base::printable(image, 200) +
                               "' is not in a registry, where alone this can be done");
    }
    return model::Reference::parse(image);
}

}  // namespace regtool::store
