#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "regtool/base/hash.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::registry {

/// The bytes of one blob's upload, in one body or in chunks: never more or other bytes than were
/// announced. Used by one thread at a time.
class UploadBody {
  public:
    /// Told how many bytes from the first on have been read.
    using Report = std::function<void(std::uint64_t up_to)>;

    /// `read` must outlive it. Errors begin with `what`.
    UploadBody(std::string what,
               model::Digest digest,
               std::uint64_t size,
               const BlobReader& read,
               Report report);

    /// All bytes. The last are held back until the source has reported its end, which it does only
    /// for the right bytes: a body that is not what was announced never becomes whole (UPL-28).
    [[nodiscard]] std::unique_ptr<stream::Source> whole() const;
    /// The bytes from `first` up to `end`. One source goes on from chunk to chunk and is opened
    /// again only where other bytes are wanted. Lives no longer than this.
    [[nodiscard]] std::unique_ptr<stream::Source> chunk(std::uint64_t first, std::uint64_t end);

    /// How far the chunks were read.
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

    /// The hash of what the chunks were read from has the last word before the digest is claimed
    /// (F-34). Throws IntegrityError.
    void require_digest();
    /// The next chunk begins a new upload.
    void restart();

  private:
    class Chunk;

    [[nodiscard]] std::size_t read_chunk(std::span<std::byte> out, std::uint64_t end);

    std::string what_;
    model::Digest digest_;
    std::uint64_t size_;
    const BlobReader& read_;
    Report report_;
    std::unique_ptr<stream::Source> source_;
    std::uint64_t position_ = 0;
    base::Hasher hasher_;       ///< of each byte's first reading
    std::uint64_t hashed_ = 0;  ///< bytes
    bool verified_ = false;
};

}  // namespace regtool::registry
