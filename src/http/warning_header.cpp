#include <algorithm>
#include <optional>
#include <string_view>

#include "regtool/http/warnings.hpp"

namespace regtool::http {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;
/// The only values that are meant for people: miscellaneous persistent warnings of no agent.
constexpr std::string_view kOpening = "299 - \"";

/// The next quoted text of a list of warnings, `rest` moved behind its element. Nullopt for an
/// element of another kind; an unfinished one ends the list.
std::optional<std::string> next_text(std::string_view& rest) {
    std::string text;
    const std::size_t quote = rest.find('"');
    const bool is_ours = rest.starts_with(kOpening);
    std::size_t i = quote == std::string_view::npos ? rest.size() : quote + 1;
    while (i < rest.size() && rest[i] != '"') {
        if (rest[i] == '\\') {
            ++i;
        }
        if (i < rest.size()) {
            text += rest[i++];
        }
    }
    if (i >= rest.size()) {
        rest = {};
        return std::nullopt;
    }
    rest.remove_prefix(i + 1);
    const std::size_t blank = rest.find_first_not_of(" \t");
    const bool is_dated = blank != std::string_view::npos && rest[blank] == '"';
    if (is_dated) {
        rest.remove_prefix(blank + 1);
        rest.remove_prefix(std::min(rest.size(), rest.find('"')));
    }
    const std::size_t comma = rest.find(',');
    const std::size_t next =
        comma == std::string_view::npos ? comma : rest.find_first_not_of(" \t,", comma);
    rest.remove_prefix(std::min(rest.size(), next));
    return is_ours && !is_dated ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

std::vector<std::string> warnings_of(const Headers& headers) {
    std::vector<std::string> texts;
    std::size_t total = 0;
    for (std::string_view rest : headers.get_all("Warning")) {
        while (!rest.empty()) {
            std::optional<std::string> text = next_text(rest);
            if (!text || text->empty()) {
                continue;
            }
            total += text->size();
            if (total > kMaxTextBytes) {
                return texts;
            }
            texts.push_back(std::move(*text));
        }
    }
    return texts;
}

}  // namespace regtool::http
