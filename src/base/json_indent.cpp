#include "regtool/base/json.hpp"

namespace regtool::base {

namespace {

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The token at the front: a whole string with its quotes, or a run of literal characters. Empty
/// when cut short.
std::string_view take_token(std::string_view& text) {
    std::size_t end = 1;
    if (text.front() == '"') {
        while (end < text.size() && text[end] != '"') {
            end += text[end] == '\\' ? std::size_t{2} : std::size_t{1};
        }
        if (end >= text.size()) {
            return {};
        }
        ++end;
    } else {
        while (end < text.size() && !is_blank(text[end]) &&
               std::string_view("{}[],:\"").find(text[end]) == std::string_view::npos) {
            ++end;
        }
    }
    const std::string_view token = text.substr(0, end);
    text.remove_prefix(end);
    return token;
}

void skip_blanks(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
}

/// Writes tokens with their indentation.
class Writer {
  public:
    void open(char bracket, std::string_view rest) {
        out_ += bracket;
        skip_blanks(rest);
        // An empty container stays on one line.
        if (rest.empty() || (rest.front() != '}' && rest.front() != ']')) {
            ++depth_;
            line();
        } else {
            empty_ = true;
        }
    }

    /// False when more is closed than was opened.
    bool close(char bracket) {
        if (empty_) {
            empty_ = false;
        } else {
            if (depth_ == 0) {
                return false;
            }
            --depth_;
            line();
        }
        out_ += bracket;
        return true;
    }

    void comma() {
        out_ += ',';
        line();
    }

    void text(std::string_view token) { out_ += token; }

    [[nodiscard]] bool balanced() const noexcept { return depth_ == 0 && !empty_; }

    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    void line() {
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    std::string out_;
    std::size_t depth_ = 0;
    bool empty_ = false;
};

}  // namespace

std::string indent_json(std::string_view text) {
    Writer writer;
    std::string_view rest = text;
    for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
        const char c = rest.front();
        if (c == '{' || c == '[') {
            rest.remove_prefix(1);
            writer.open(c, rest);
        } else if (c == '}' || c == ']') {
            rest.remove_prefix(1);
            if (!writer.close(c)) {
                return std::string(text);
            }
        } else if (c == ',') {
            rest.remove_prefix(1);
            writer.comma();
        } else if (c == ':') {
            rest.remove_prefix(1);
            writer.text(": ");
        } else {
            const std::string_view token = take_token(rest);
            if (token.empty()) {
                return std::string(text);
            }
            writer.text(token);
        }
    }
    return writer.balanced() ? writer.take() : std::string(text);
}

}  // namespace regtool::base
