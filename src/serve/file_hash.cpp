#include "serve/file_hash.hpp"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "regtool/base/error.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

model::Digest hash_of_file(int fd,
                           base::HashAlgorithm algorithm,
                           const std::string& path_for_message,
                           const std::stop_token& stop) {
    constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
    base::Hasher hasher(algorithm);
    std::vector<std::byte> block(kBlockBytes);
    off_t offset = 0;
    for (;;) {
        if (stop.stop_requested()) {
            throw_stopping();
        }
        const ssize_t got = ::pread(fd, block.data(), block.size(), offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw base::IoError(path_for_message, "cannot read", errno);
        }
        if (got == 0) {
            return model::Digest::from_hex(algorithm, hasher.finish_hex());
        }
        hasher.update(std::span(block).first(static_cast<std::size_t>(got)));
        offset += got;
    }
}

}  // namespace regtool::serve
