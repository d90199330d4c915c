#include "regtool/ui/table.hpp"

#include <algorithm>
#include <cstdint>

namespace regtool::ui {

namespace {

/// The value of the character at the front and its bytes; broken text counts byte by byte.
std::pair<char32_t, std::size_t> next_character(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0x80 || first < 0xc0 || size > text.size()) {
        return {first, 1};
    }
    char32_t value = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    return {value, size};
}

/// Unicode TR 11, the blocks that matter: wide characters take two columns, combining marks none.
std::size_t width_of(char32_t c) noexcept {
    if ((c >= 0x0300 && c <= 0x036f) || (c >= 0xfe00 && c <= 0xfe0f) ||
        (c >= 0x20d0 && c <= 0x20ff)) {
        return 0;
    }
    const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
                      (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                      (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                      (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                      (c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
}

/// Cut to `width` columns, the last of them an ellipsis.
std::string cut(std::string_view text, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto [character, size] = next_character(text);
        const std::size_t columns = width_of(character);
        if (used + columns + 1 > width) {
            break;
        }
        used += columns;
        out += text.substr(0, size);
        text.remove_prefix(size);
    }
    return out + "…";
}

constexpr std::string_view kGap = "  ";
constexpr std::size_t kMinCutWidth = 10;

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto [character, size] = next_character(text);
        width += width_of(character);
        text.remove_prefix(size);
    }
    return width;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::str(std::size_t max_width) const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t width = display_width(columns_[c].title);
        for (const auto& row : rows_) {
            width = std::max(width, display_width(row[c]));
        }
        widths.push_back(width);
    }
    std::size_t total = columns_.empty() ? 0 : kGap.size() * (columns_.size() - 1);
    for (const std::size_t width : widths) {
        total += width;
    }
    if (max_width > 0 && total > max_width) {
        const auto last_left = std::find_if(columns_.rbegin(), columns_.rend(),
                                            [](const Column& c) { return c.align == Align::left; });
        if (last_left != columns_.rend()) {
            std::size_t& width = widths[static_cast<std::size_t>(columns_.rend() - last_left) - 1];
            const std::size_t excess = total - max_width;
            width = width > excess + kMinCutWidth ? width - excess : std::min(width, kMinCutWidth);
        }
    }
    std::string out;
    const auto add_line = [&](const auto& cell_of) {
        std::string line;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            std::string cell = cell_of(c);
            if (display_width(cell) > widths[c]) {
                cell = cut(cell, widths[c]);
            }
            const std::string padding(widths[c] - std::min(widths[c], display_width(cell)), ' ');
            line += c == 0 ? "" : kGap;
            line += columns_[c].align == Align::right ? padding + cell : cell + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    add_line([&](std::size_t c) { return columns_[c].title; });
    for (const auto& row : rows_) {
        add_line([&](std::size_t c) { return row[c]; });
    }
    return out;
}

std::string short_digest(std::string_view digest) {
    constexpr std::size_t kShown = 12;
    return std::string(digest.substr(digest.find(':') + 1, kShown));
}

}  // namespace regtool::ui
