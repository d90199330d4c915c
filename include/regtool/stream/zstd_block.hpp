#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace regtool::stream {

/// `bytes` as one zstd frame with a checksum. For what fits into memory.
[[nodiscard]] std::string zstd_pack(std::string_view bytes);

/// What one or more zstd frames hold, at most `limit` bytes. Throws InvalidDocument for corrupt or
/// cut data, IntegrityError beyond the limit.
[[nodiscard]] std::string zstd_unpack(std::string_view packed, std::size_t limit);

}  // namespace regtool::stream
