#include "ui/json_color.hpp"

namespace regtool::ui {

namespace {

constexpr std::string_view kName = "\x1b[34;1m";
constexpr std::string_view kString = "\x1b[32m";
constexpr std::string_view kOther = "\x1b[33m";
constexpr std::string_view kReset = "\x1b[0m";

/// The string token at the front, quotes included.
std::string_view string_token(std::string_view text) {
    std::size_t end = 1;
    while (end < text.size() && text[end] != '"') {
        end += text[end] == '\\' ? 2U : 1U;
    }
    return text.substr(0, end + 1);
}

bool is_name(std::string_view rest) {
    const std::size_t next = rest.find_first_not_of(" \t\r\n");
    return next != std::string_view::npos && rest[next] == ':';
}

}  // namespace

std::string color_json(std::string_view json) {
    constexpr std::string_view kStructure = "{}[],: \t\r\n";
    std::string out;
    out.reserve(json.size() * 2);
    while (!json.empty()) {
        std::string_view token = json.substr(0, 1);
        if (token == "\"") {
            token = string_token(json);
            out += is_name(json.substr(token.size())) ? kName : kString;
            out += token;
            out += kReset;
        } else if (kStructure.find(token.front()) != std::string_view::npos) {
            out += token;
        } else {
            token = json.substr(0, json.find_first_of(kStructure));
            out += kOther;
            out += token;
            out += kReset;
        }
        json.remove_prefix(token.size());
    }
    return out;
}

}  // namespace regtool::ui
