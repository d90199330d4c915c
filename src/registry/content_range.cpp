#include "registry/content_range.hpp"

#include "regtool/base/text.hpp"

namespace regtool::registry {

std::optional<ContentRange> parse_content_range(std::string_view value) {
    constexpr std::string_view kUnit = "bytes ";
    value = base::trim(value);
    if (!base::equals_ignore_case(value.substr(0, kUnit.size()), kUnit)) {
        return std::nullopt;
    }
    value.remove_prefix(kUnit.size());
    const std::size_t dash = value.find('-');
    const std::size_t slash = value.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
        return std::nullopt;
    }
    const auto first = base::parse_decimal(value.substr(0, dash));
    const auto last = base::parse_decimal(value.substr(dash + 1, slash - dash - 1));
    const std::string_view total_text = value.substr(slash + 1);
    const auto total = base::parse_decimal(total_text);
    if (!first || !last || *last < *first || (!total && total_text != "*") ||
        (total && *last >= *total)) {
        return std::nullopt;
    }
    return ContentRange{*first, *last, total};
}

}  // namespace regtool::registry
