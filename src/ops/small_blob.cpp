#include "small_blob.hpp"

#include <memory>

namespace regtool::ops {

model::Digest put_small_blob(registry::RegistryClient& registry,
                             const model::Repository& repository,
                             const std::string& bytes,
                             const std::stop_token& stop) {
    model::Digest digest = model::Digest::sha256_of(bytes);
    registry.put_blob(
        repository, digest, bytes.size(),
        [&bytes](std::uint64_t first) {
            return std::make_unique<stream::StringSource>(bytes.substr(first));
        },
        stop);
    return digest;
}

}  // namespace regtool::ops
