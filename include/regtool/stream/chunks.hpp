#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regtool/base/hash.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// A blob is hashed in pieces of this size, so that a part of it can be verified: small beside what
/// one checkpoint to the next takes, and 0.05 % of the blob in hashes.
inline constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
inline constexpr std::size_t kChunkHashBytes = 32;

/// Some of a blob's bytes, counted from its beginning.
struct ByteSpan {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] std::uint64_t size() const noexcept { return end - begin; }

    [[nodiscard]] bool operator==(const ByteSpan&) const = default;
};

/// Chunks that follow one another.
struct ChunkRun {
    std::size_t first = 0;  ///< the number of the first
    ByteSpan bytes{};       ///< of all of them
};

/// The SHA-256 of every kChunkBytes of a blob, one after another; the last may be of fewer bytes.
struct ChunkHashes {
    std::uint64_t blob_bytes = 0;
    std::string hashes{};  ///< kChunkHashBytes each
    /// Where somebody else cut the blob: one for each hash. Begins and ends ascend, nothing lies
    /// between two of them, and two may share bytes: one that the bits of both are in.
    std::vector<ByteSpan> cuts{};

    /// Whether there is one hash for each chunk, where chunks are of kChunkBytes.
    [[nodiscard]] bool complete() const noexcept;

    [[nodiscard]] std::size_t count() const noexcept { return hashes.size() / kChunkHashBytes; }

    /// Where a chunk is. `chunk` < count().
    [[nodiscard]] ByteSpan chunk(std::size_t chunk) const noexcept;
    /// The fewest chunks that hold all of `bytes`; nullopt when none do, or when those are no
    /// bytes.
    [[nodiscard]] std::optional<ChunkRun> covering(ByteSpan bytes) const noexcept;
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

/// Hands out bytes only after the whole chunk that they are in was found right (BLB-12). Memory is
/// that of the largest chunk.
class ChunkVerifyingSource final : public Source {
  public:
    /// `inner` begins at chunk `first_chunk` and ends with a chunk. Borrows `expected`.
    ChunkVerifyingSource(std::unique_ptr<Source> inner,
                         const ChunkHashes& expected,
                         std::size_t first_chunk);
    /// Throws IntegrityError for a chunk that differs or is cut.
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    void next_chunk();
    void read_until(std::size_t end);

    std::unique_ptr<Source> inner_;
    const ChunkHashes& expected_;
    std::size_t chunk_;
    std::uint64_t at_;  ///< of the blob's byte that `inner_` gives next
    std::vector<std::byte> buffer_{};
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;  ///< `inner_` must not be read again
};

}  // namespace regtool::stream
