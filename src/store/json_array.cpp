#include "store/json_array.hpp"

#include "regtool/base/error.hpp"

namespace regtool::store {

namespace {

/// Walks valid JSON; every step moves forward, and the end of the text ends all.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    [[nodiscard]] char peek() const noexcept {
        return position_ < text_.size() ? text_[position_] : '\0';
    }

    void step() noexcept { ++position_; }

    void skip_blanks() noexcept {
        while (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
            step();
        }
    }

    void skip_string() noexcept {
        for (step(); peek() != '"' && position_ < text_.size(); step()) {
            if (peek() == '\\') {
                step();
            }
        }
        step();
    }

    /// A whole value, brackets and all.
    void skip_value() noexcept {
        int depth = 0;
        do {
            const char c = peek();
            if (c == '"') {
                skip_string();
            } else {
                depth += c == '{' || c == '[' ? 1 : 0;
                depth -= c == '}' || c == ']' ? 1 : 0;
                step();
            }
        } while (position_ < text_.size() && (depth > 0 || !ends_value(peek())));
    }

    [[nodiscard]] std::string_view between(std::size_t begin, std::size_t end) const {
        return text_.substr(begin, end - begin);
    }

  private:
    /// Behind a value comes a blank, a comma or a closing bracket.
    static bool ends_value(char c) noexcept {
        return std::string_view(" \t\r\n,]}").find(c) != std::string_view::npos;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

/// The cursor stands on the opening bracket.
ArrayCut cut_elements(std::string_view text, Cursor& cursor) {
    ArrayCut cut;
    cursor.step();
    cut.head = text.substr(0, cursor.position());
    std::size_t begin = cursor.position();
    cursor.skip_blanks();
    while (cursor.peek() != ']' && cursor.position() < text.size()) {
        cursor.skip_value();
        cursor.skip_blanks();
        cut.elements.emplace_back(cursor.between(begin, cursor.position()));
        if (cursor.peek() == ',') {
            cursor.step();
            begin = cursor.position();
            cursor.skip_blanks();
        }
    }
    cut.tail = text.substr(cursor.position());
    return cut;
}

ArrayCut cut_member_value(std::string_view text, std::string_view member, Cursor& cursor) {
    if (cursor.peek() == '[') {
        return cut_elements(text, cursor);
    }
    const std::size_t begin = cursor.position();
    cursor.skip_value();
    if (cursor.between(begin, cursor.position()) != "null") {
        throw base::InvalidDocument(std::string(member) + ": must be an array");
    }
    return {std::string(text.substr(0, begin)) + "[",
            {},
            "]" + std::string(text.substr(cursor.position()))};
}

}  // namespace

ArrayCut cut_array(std::string_view text, std::string_view member) {
    Cursor cursor(text);
    cursor.skip_blanks();
    cursor.step();
    cursor.skip_blanks();
    const std::string wanted = "\"" + std::string(member) + "\"";
    bool empty = true;
    while (cursor.peek() == '"') {
        empty = false;
        const std::size_t begin = cursor.position();
        cursor.skip_string();
        const std::string_view name = cursor.between(begin, cursor.position());
        if (name.find('\\') != std::string_view::npos) {
            throw base::InvalidDocument("a member's name is spelt with escapes");
        }
        cursor.skip_blanks();
        cursor.step();  // the colon
        cursor.skip_blanks();
        if (name == wanted) {
            return cut_member_value(text, member, cursor);
        }
        cursor.skip_value();
        cursor.skip_blanks();
        if (cursor.peek() == ',') {
            cursor.step();
            cursor.skip_blanks();
        }
    }
    return {std::string(text.substr(0, cursor.position())) + (empty ? "" : ",") + wanted + ":[",
            {},
            "]" + std::string(text.substr(cursor.position()))};
}

}  // namespace regtool::store
