#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::registry {

/// The target of the first link with rel "next" among the lines of a Link header (RFC 8288 §3,
/// LST-02), as written; nullopt when there is none.
[[nodiscard]] std::optional<std::string> next_link(
    const std::vector<std::string_view>& header_lines);

}  // namespace regtool::registry
