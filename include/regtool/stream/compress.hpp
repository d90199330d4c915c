#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "regtool/stream/checkpoint.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

enum class Compression { none, gzip, zstd };

[[nodiscard]] std::string_view to_string(Compression compression) noexcept;

/// zstd windows larger than this are refused: memory must not follow what a peer declares.
inline constexpr std::uint64_t kMaxZstdWindowBytes = std::uint64_t{1} << 27;

/// Bounds of what a compressed layer may unpack to (T-20).
struct InflateLimits {
    std::uint64_t max_bytes = std::uint64_t{64} << 30;
    std::uint64_t max_ratio = 200;  ///< unpacked : packed …
    std::uint64_t ratio_applies_beyond = std::uint64_t{1}
                                         << 30;  ///< … once beyond so many unpacked bytes
};

/// From the first bytes: 1f 8b, 28 b5 2f fd, skippable frames 18…1f 4d 2a 50 (MED-34).
[[nodiscard]] Compression detect_compression(std::span<const std::byte> head) noexcept;

/// The plain bytes of a gzip (ISA-L; all members, MED-35), zstd (all frames) or plain stream; the
/// kind is told by its first bytes. Reads `inner` to its very end, so that a verifying source
/// behind it gets to check (trailing zeros after the last member are dropped). Throws
/// InvalidDocument for corrupt or cut data, for garbage after the last member, IntegrityError for a
/// bomb or an oversize window. Before it reports corrupt data it reads `inner` to its end, so that
/// a wrong digest, the likelier cause, is what the user hears of.
class DecompressingSource final : public Source {
  public:
    /// `checkpoints` hears where gzip and zstd streams can be resumed.
    explicit DecompressingSource(std::unique_ptr<Source> inner,
                                 InflateLimits limits = {},
                                 CheckpointRequest checkpoints = {});
    /// Goes on from a checkpoint: `inner` begins at its packed byte. The checksum of a gzip member
    /// whose beginning was not seen is not checked.
    DecompressingSource(std::unique_ptr<Source> inner,
                        const Checkpoint& from,
                        InflateLimits limits = {});
    ~DecompressingSource() override;
    DecompressingSource(const DecompressingSource&) = delete;
    DecompressingSource& operator=(const DecompressingSource&) = delete;
    DecompressingSource(DecompressingSource&&) = delete;
    DecompressingSource& operator=(DecompressingSource&&) = delete;
    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;
    /// Known after the first read.
    [[nodiscard]] Compression compression() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace regtool::stream
