#include "store/put_record.hpp"

#include <map>

namespace regtool::store {

void PutRecord::add(const model::Manifest& manifest, const std::optional<std::string>& name) {
    model::Descriptor descriptor = manifest.descriptor();
    descriptor.artifact_type = manifest.image() != nullptr   ? manifest.image()->artifact_type
                               : manifest.index() != nullptr ? manifest.index()->artifact_type
                                                             : "";
    add_present(manifest);
    const std::lock_guard lock(mutex_);
    put_.push_back({std::move(descriptor), name});
}

void PutRecord::add_present(const model::Manifest& manifest) {
    if (manifest.index() == nullptr) {
        return;
    }
    const std::lock_guard lock(mutex_);
    for (const model::Descriptor& child : manifest.index()->manifests) {
        children_.insert(child.digest);
    }
}

std::vector<PutRecord::Listed> PutRecord::listed() const {
    const std::lock_guard lock(mutex_);
    std::vector<Listed> listed;
    std::set<model::Digest> with_name;
    std::map<model::Digest, model::Descriptor> roots;
    for (const Listed& put : put_) {
        if (put.name) {
            listed.push_back(put);
            with_name.insert(put.descriptor.digest);
        } else if (!children_.contains(put.descriptor.digest)) {
            roots.emplace(put.descriptor.digest, put.descriptor);
        }
    }
    for (const auto& [digest, descriptor] : roots) {
        if (!with_name.contains(digest)) {
            listed.push_back({descriptor, std::nullopt});
        }
    }
    return listed;
}

}  // namespace regtool::store
