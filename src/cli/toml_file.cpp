#include "cli/toml_file.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <toml.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxTomlBytes = std::size_t{1} << 20;
/// The parser calls itself for each level.
constexpr int kMaxTomlDepth = 64;

/// Brackets open at once outside of quotes: settings never come near the limit.
bool is_too_deep(const std::string& text) {
    int depth = 0;
    char quote = 0;
    for (const char c : text) {
        if (c == '\n') {
            quote = 0;
        } else if (quote != 0) {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if (c == ']' || c == '}') {
            depth = std::max(0, depth - 1);
        }
        if (depth > kMaxTomlDepth) {
            return true;
        }
    }
    return false;
}

template <class T>
Json text_of(const T& value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

Json converted(const toml::value& value) {
    switch (value.type()) {
        case toml::value_t::boolean:
            return value.as_boolean();
        case toml::value_t::integer:
            return value.as_integer();
        case toml::value_t::floating:
            return value.as_floating();
        case toml::value_t::string:
            return value.as_string().str;
        case toml::value_t::array: {
            Json array = Json::array();
            for (const toml::value& element : value.as_array()) {
                array.push_back(converted(element));
            }
            return array;
        }
        case toml::value_t::table: {
            // The parser keeps no order; names in order of bytes at least give the same one always.
            std::map<std::string, const toml::value*> sorted;
            for (const auto& [name, member] : value.as_table()) {
                sorted.emplace(name, &member);
            }
            Json object = Json::object();
            for (const auto& [name, member] : sorted) {
                object[name] = converted(*member);
            }
            return object;
        }
        case toml::value_t::offset_datetime:
            return text_of(value.as_offset_datetime());
        case toml::value_t::local_datetime:
            return text_of(value.as_local_datetime());
        case toml::value_t::local_date:
            return text_of(value.as_local_date());
        case toml::value_t::local_time:
            return text_of(value.as_local_time());
        case toml::value_t::empty:
            break;
    }
    return nullptr;
}

/// The parser's words are a picture of several lines: its first line says what, the numbered one
/// where.
std::string first_line(const std::string& message) {
    std::string what = message.substr(0, message.find('\n'));
    if (what.starts_with("[error] ")) {
        what.erase(0, std::string_view("[error] ").size());
    }
    return base::printable(what, 200);
}

}  // namespace

std::string read_toml_text(const std::string& path) {
    return base::read_file(path, kMaxTomlBytes);
}

Json parse_toml(const std::string& text, const std::string& path) {
    if (is_too_deep(text)) {
        throw base::UsageError(path + ": nested too deeply");
    }
    std::istringstream stream(text);
    try {
        return converted(toml::parse(stream, path));
    } catch (const toml::exception& error) {
        throw base::UsageError(path + " line " + std::to_string(error.location().line()) + ": " +
                               first_line(error.what()));
    } catch (const std::exception& error) {
        throw base::UsageError(path + ": " + first_line(error.what()));
    }
}

}  // namespace regtool::cli
