#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// `bytes` as one zstd frame with a checksum. For what fits into memory.
[[nodiscard]] std::string zstd_pack(std::string_view bytes);

/// What one or more zstd frames hold, at most `limit` bytes. Throws InvalidDocument for corrupt or
/// cut data, IntegrityError beyond the limit.
[[nodiscard]] std::string zstd_unpack(std::string_view packed, std::size_t limit);

/// The same bit by bit: errors come as it is read.
[[nodiscard]] std::unique_ptr<Source> zstd_unpacking(std::unique_ptr<Source> packed,
                                                     std::size_t limit);

/// The level of zstd_pack(): half the size of level 1 for tables of names, and still several times
/// faster than they come.
inline constexpr int kZstdBlockLevel = 6;

}  // namespace regtool::stream
