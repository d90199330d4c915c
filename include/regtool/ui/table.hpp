#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace regtool::ui {

enum class Align { left, right };

/// Columns for people: widths from the content (display width of UTF-8), two blanks between, no
/// trailing blanks, header in upper case. Cells must already be printable text.
class Table {
  public:
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns);
    void add(std::vector<std::string> cells);
    /// The last left-aligned column is cut to fit `max_width` columns when it is not 0.
    [[nodiscard]] std::string str(std::size_t max_width = 0) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// Columns that UTF-8 text takes on a terminal (wide East Asian characters take two).
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// A digest as tables show it: the first 12 digits of its hash.
[[nodiscard]] std::string short_digest(std::string_view digest);

}  // namespace regtool::ui
