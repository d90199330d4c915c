#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace regtool::stream {

/// How far back deflate can refer (RFC 1951 §2).
inline constexpr std::size_t kWindowBytes = std::size_t{32} << 10;

/// A place in a packed stream from which it can be unpacked without what comes before: the start of
/// a gzip member or zstd frame, or the start of a deflate block inside a member.
struct Checkpoint {
    std::uint64_t plain = 0;   ///< unpacked bytes before it
    std::uint64_t packed = 0;  ///< offset of the packed byte with its first bit
    std::uint8_t bits = 0;     ///< how many low bits of that byte belong to what comes before
    bool inside = false;       ///< a deflate block inside a member, else a member or frame
    /// For `inside`: the last unpacked bytes before it, at most kWindowBytes; those that nothing
    /// refers to are 0.
    std::string window{};

    [[nodiscard]] bool operator==(const Checkpoint&) const = default;
};

/// Asks a DecompressingSource to say where it could be resumed. Offsets grow from call to call.
/// Called from read(); what it throws comes out of read().
struct CheckpointRequest {
    std::function<void(Checkpoint)> listener{};
    /// The next checkpoint is wanted after so many unpacked or so many packed bytes, whichever is
    /// first. It comes at the next block boundary, so spans are somewhat longer.
    std::uint64_t plain_spacing = std::uint64_t{4} << 20;
    std::uint64_t packed_spacing = std::uint64_t{768} << 10;
};

}  // namespace regtool::stream
