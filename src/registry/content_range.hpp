#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace regtool::registry {

/// `bytes FIRST-LAST/TOTAL` (RFC 9110 §14.4); `total` is absent for `*`.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};

/// nullopt when malformed, unsatisfied (`*/TOTAL`) or contradictory.
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view value);

}  // namespace regtool::registry
