#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace regtool::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// What must hold for every input; a broken promise is a finding.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace regtool::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
