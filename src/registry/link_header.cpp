#include "regtool/registry/link_header.hpp"

#include <algorithm>

#include "regtool/base/text.hpp"

namespace regtool::registry {

namespace {

/// The end of a link-value's parameters: the next comma outside quotes.
std::size_t end_of_value(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == ',' && !quoted) {
            return i;
        }
    }
    return text.size();
}

/// `rel="prev next"` holds two relation types.
bool has_next(std::string_view relation) {
    if (relation.size() >= 2 && relation.front() == '"' && relation.back() == '"') {
        relation = relation.substr(1, relation.size() - 2);
    }
    const std::vector<std::string_view> types = base::split(relation, ' ');
    return std::any_of(types.begin(), types.end(), [](std::string_view type) {
        return base::equals_ignore_case(type, "next");
    });
}

bool says_next(std::string_view parameters) {
    for (const std::string_view parameter : base::split(parameters, ';')) {
        const std::size_t equals = parameter.find('=');
        if (equals != std::string_view::npos &&
            base::equals_ignore_case(base::trim(parameter.substr(0, equals)), "rel")) {
            return has_next(base::trim(parameter.substr(equals + 1)));  // the first rel counts
        }
    }
    return false;
}

}  // namespace

std::optional<std::string> next_link(const std::vector<std::string_view>& header_lines) {
    for (std::string_view line : header_lines) {
        while (true) {
            const std::size_t open = line.find('<');
            const std::size_t close = open == std::string_view::npos ? open : line.find('>', open);
            if (close == std::string_view::npos) {
                break;
            }
            const std::string_view target = line.substr(open + 1, close - open - 1);
            line.remove_prefix(close + 1);
            const std::size_t end = end_of_value(line);
            if (says_next(line.substr(0, end))) {
                return std::string(target);
            }
            line.remove_prefix(end);
        }
    }
    return std::nullopt;
}

}  // namespace regtool::registry
