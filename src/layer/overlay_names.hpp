#pragma once

#include <string_view>

namespace regtool::layer {

/// Extended attributes of overlay file systems steer what a mount shows: they are the storage's,
/// not the image's (LAY-16).
[[nodiscard]] constexpr bool is_overlays_own(std::string_view attribute) {
    return attribute.starts_with("user.overlay.") || attribute.starts_with("trusted.overlay.");
}

}  // namespace regtool::layer
