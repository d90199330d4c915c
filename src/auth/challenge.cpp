#include "regtool/auth/challenge.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 10;

bool is_token_char(char c) {
    constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSymbols.find(c) != std::string_view::npos;
}

bool is_token68_char(char c) {
    return is_token_char(c) || c == '/' || c == '=';
}

/// Walks one header from left to right; every step moves on, so time is linear.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

    void skip_blanks() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
            rest_.remove_prefix(1);
        }
    }

    void skip_separators() {
        while (!rest_.empty() &&
               (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == ',')) {
            rest_.remove_prefix(1);
        }
    }

    bool take(char c) {
        if (peek() != c || rest_.empty()) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    template <class Accept>
    std::string take_while(Accept accept) {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), accept);
        const auto count = static_cast<std::size_t>(end - rest_.begin());
        std::string taken(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return taken;
    }

    /// After the opening quote; nullopt when it never closes or holds a control byte.
    std::optional<std::string> take_quoted() {
        std::string value;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') {
                return value;
            }
            if (c == '\\' && !rest_.empty()) {
                c = rest_.front();
                rest_.remove_prefix(1);
            }
            if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) {
                return std::nullopt;
            }
            value += c;
        }
        return std::nullopt;
    }

    /// To the next comma: past something that makes no sense.
    void skip_to_comma() {
        const std::size_t comma = rest_.find(',');
        rest_.remove_prefix(comma == std::string_view::npos ? rest_.size() : comma);
    }

    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

    void reset(std::string_view rest) noexcept { rest_ = rest; }

  private:
    std::string_view rest_;
};

/// Reads `name = value`; false, with the cursor where it was, when what follows is no parameter.
/// A parameter that is broken makes `valid` false.
bool take_parameter(Cursor& cursor, Challenge& challenge, bool& valid) {
    const std::string_view before = cursor.rest();
    const std::string name = base::to_lower(cursor.take_while(is_token_char));
    cursor.skip_blanks();
    if (name.empty() || !cursor.take('=')) {
        cursor.reset(before);
        return false;
    }
    cursor.skip_blanks();
    std::string value;
    if (cursor.take('"')) {
        auto quoted = cursor.take_quoted();
        valid = valid && quoted.has_value();
        value = std::move(quoted).value_or("");
    } else {
        value = cursor.take_while(is_token68_char);
    }
    valid = challenge.parameters.emplace(name, std::move(value)).second && valid;
    return true;
}

/// A token68 stands alone: it ends at a comma or the end.
bool take_token68(Cursor& cursor, Challenge& challenge) {
    const std::string_view before = cursor.rest();
    std::string text = cursor.take_while(is_token68_char);
    cursor.skip_blanks();
    const std::string_view stem(text.data(), text.find_last_not_of('=') + 1);
    const bool padding_only_at_end = stem.find('=') == std::string_view::npos;
    if (text.empty() || !padding_only_at_end || (!cursor.at_end() && cursor.peek() != ',')) {
        cursor.reset(before);
        return false;
    }
    challenge.token68 = std::move(text);
    return true;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view header) {
    std::vector<Challenge> challenges;
    if (header.size() > kMaxHeaderBytes) {
        return challenges;
    }
    Cursor cursor(header);
    cursor.skip_separators();
    while (!cursor.at_end()) {
        Challenge challenge;
        bool valid = true;
        challenge.scheme = base::to_lower(cursor.take_while(is_token_char));
        if (challenge.scheme.empty()) {
            cursor.skip_to_comma();
            cursor.skip_separators();
            continue;
        }
        cursor.skip_blanks();
        if (!take_token68(cursor, challenge)) {
            while (take_parameter(cursor, challenge, valid)) {
                cursor.skip_separators();
            }
        }
        cursor.skip_separators();
        if (valid) {
            challenges.push_back(std::move(challenge));
        }
    }
    return challenges;
}

}  // namespace regtool::auth
