#pragma once

#include <cstdint>
#include <string_view>

namespace regtool::layer {

/// The number that all of `bytes` are, eight at the most, the lowest first.
[[nodiscard]] constexpr std::uint64_t little_endian(std::string_view bytes) noexcept {
    std::uint64_t value = 0;
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
        value = value << 8U | static_cast<unsigned char>(*byte);
    }
    return value;
}

}  // namespace regtool::layer
