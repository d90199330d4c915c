#include "serve/file_hash.hpp"

#include <memory>
#include <vector>

#include "regtool/base/fd.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

model::Digest hash_of_file(int fd,
                           base::HashAlgorithm algorithm,
                           const std::string& path_for_message,
                           const std::stop_token& stop) {
    constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
    base::Hasher hasher(algorithm);
    std::vector<std::byte> block(kBlockBytes);
    std::uint64_t offset = 0;
    for (;;) {
        if (stop.stop_requested()) {
            throw_stopping();
        }
        const std::size_t got = base::read_at(fd, block, offset, path_for_message);
        if (got == 0) {
            return model::Digest::from_hex(algorithm, hasher.finish_hex());
        }
        hasher.update(std::span(block).first(got));
        offset += got;
    }
}

}  // namespace regtool::serve
