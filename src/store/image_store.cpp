#include "regtool/store/image_store.hpp"

#include "regtool/base/error.hpp"
#include "regtool/store/image_target.hpp"

namespace regtool::store {

std::vector<std::string> ImageStore::names(std::stop_token /*stop*/) {
    return {};
}

std::unique_ptr<ImageStore> ImageStore::named(const std::string& /*wanted*/) const {
    throw base::UsageError(name() + " holds one image without a name");
}

model::Manifest ImageStore::manifest_of(const model::Digest& digest, std::stop_token /*stop*/) {
    throw base::NotFound("manifest " + digest.str());
}

std::vector<model::Descriptor> ImageStore::referrers(const model::Digest& /*subject*/,
                                                     std::string_view /*artifact_type*/,
                                                     std::stop_token /*stop*/) {
    return {};
}

void ImageTarget::check_root(const model::Manifest& /*root*/) const {}

bool ImageTarget::try_mount(const model::Descriptor& /*blob*/,
                            const model::Repository& /*from*/,
                            std::stop_token /*stop*/) {
    return false;
}

}  // namespace regtool::store
