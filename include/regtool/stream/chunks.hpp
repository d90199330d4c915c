#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "regtool/base/hash.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// A blob is hashed in pieces of this size, so that a part of it can be verified: small beside what
/// one checkpoint to the next takes, and 0.05 % of the blob in hashes.
inline constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
inline constexpr std::size_t kChunkHashBytes = 32;

/// The SHA-256 of every kChunkBytes of a blob, one after another; the last may be of fewer bytes.
struct ChunkHashes {
    std::uint64_t blob_bytes = 0;
    std::string hashes{};  ///< kChunkHashBytes each

    /// Whether there is one hash for each chunk.
    [[nodiscard]] bool complete() const noexcept;
    [[nodiscard]] bool operator==(const ChunkHashes&) const = default;
};

/// Passes bytes on and hashes them in chunks.
class ChunkHashingSink final : public Sink {
  public:
    /// Borrows `next`, which must outlive it.
    explicit ChunkHashingSink(Sink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override;
    /// Once, after the last byte.
    [[nodiscard]] ChunkHashes finish();

  private:
    void end_chunk();

    Sink& next_;
    std::optional<base::Hasher> hasher_{};
    std::size_t in_chunk_ = 0;
    ChunkHashes result_{};
};

/// Hands out bytes only after the whole chunk that they are in was found right (BLB-12).
class ChunkVerifyingSource final : public Source {
  public:
    /// `inner` begins at chunk `first_chunk` and ends with a chunk. Borrows `expected`.
    ChunkVerifyingSource(std::unique_ptr<Source> inner,
                         const ChunkHashes& expected,
                         std::uint64_t first_chunk);
    /// Throws IntegrityError for a chunk that differs or is cut.
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    void next_chunk();

    std::unique_ptr<Source> inner_;
    const ChunkHashes& expected_;
    std::uint64_t chunk_;
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;  ///< `inner_` must not be read again
};

}  // namespace regtool::stream
