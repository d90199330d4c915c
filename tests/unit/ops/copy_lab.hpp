#pragma once

#include "regtool/ops/copier.hpp"
#include "unit/ops/memory_store.hpp"
#include "unit/ops/memory_target.hpp"

namespace regtool::test {

/// Copies one image to these names.
inline ops::CopyReport copy(const std::shared_ptr<MemoryStore>& source,
                            MemoryTarget& target,
                            ops::CopyOptions options = {},
                            std::vector<std::string> names = {"v1"}) {
    NoProgress progress;
    return ops::copy_images({{source, std::move(names)}}, target, options, progress, {});
}

/// Of a descriptor as MemoryStore gives it.
inline std::string digest_in(const std::string& descriptor) {
    const auto at = descriptor.find("sha256:");
    return descriptor.substr(at, descriptor.find('"', at) - at);
}

/// An index of two images that share a layer.
struct MultiArch {
    std::shared_ptr<MemoryStore> store = std::make_shared<MemoryStore>();
    std::string amd = store->add_image({"shared", "amd layer"}, config_of("amd64"));
    std::string arm = store->add_image({"shared", "arm layer"}, config_of("arm64"));
    std::string index = store->add_index({{amd, "amd64"}, {arm, "arm64"}});
};

}  // namespace regtool::test
