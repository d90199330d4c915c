#include "regtool/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace regtool::base {

namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;  ///< 0: no valid UTF-8 here
};

/// RFC 3629: shortest form only, no surrogates, nothing above U+10FFFF.
CodePoint decode_utf8(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return {first, 1};
    }
    const std::size_t size = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2);
    if (first < 0xc2 || first > 0xf4 || text.size() < size) {
        return {};
    }
    char32_t value = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) {
            return {};
        }
        value = value << 6U | (byte(i) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    if (value < kSmallest[size] || (value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
        return {};
    }
    return {value, size};
}

/// Controls, and characters that change how others are shown or are not seen themselves (T-29).
bool is_unprintable(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ||
           c == 0x061c || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void append_escaped(std::string& out, char32_t c) {
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\t') {
        out += "\\t";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c < 0x80) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
        out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(c));
    }
}

int base64_value(char c) noexcept {
    const std::size_t at = kBase64Alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = decode_utf8(text);
        if (point.size == 0) {
            out += fmt::format("\\x{:02x}",
                               static_cast<unsigned>(static_cast<unsigned char>(text.front())));
            text.remove_prefix(1);
            continue;
        }
        if (is_unprintable(point.value)) {
            append_escaped(out, point.value);
        } else {
            out += text.substr(0, point.size);
        }
        text.remove_prefix(point.size);
    }
    return out;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return printable(text);
    }
    // Not in the middle of a character: a continuation byte is 10xxxxxx.
    std::size_t end = max_bytes;
    while (end > 0 && max_bytes - end < 4 &&
           (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
        --end;
    }
    return printable(text.substr(0, end)) + "…";
}

std::string printable_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    while (!json.empty()) {
        const CodePoint point = decode_utf8(json);
        if (point.size == 0) {
            out += "\\ufffd";
            json.remove_prefix(1);
            continue;
        }
        const bool layout = point.value == '\n' || point.value == '\t' || point.value == '\r';
        if (layout || !is_unprintable(point.value)) {
            out += json.substr(0, point.size);
        } else if (point.value < 0x10000) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
        } else {  // a surrogate pair, RFC 8259 §7
            const char32_t offset = point.value - 0x10000;
            out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800U + (offset >> 10U),
                               0xdc00U + (offset & 0x3ffU));
        }
        json.remove_prefix(point.size);
    }
    return out;
}

bool is_valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const CodePoint point = decode_utf8(text);
        if (point.size == 0) {
            return false;
        }
        text.remove_prefix(point.size);
    }
    return true;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || rest != end) {
        return std::nullopt;
    }
    return value;
}

std::string human_size(std::uint64_t bytes) {
    constexpr std::array kUnits{"kB", "MB", "GB", "TB", "PB", "EB"};
    constexpr double kStep = 1000;
    if (bytes < 1000) {
        return std::to_string(bytes) + " B";
    }
    double value = static_cast<double>(bytes) / kStep;
    std::size_t unit = 0;
    // 999.95 would be shown as 1000.0.
    while (value >= 999.95 && unit + 1 < kUnits.size()) {
        value /= kStep;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", value, value < 99.95 ? 1 : 0, kUnits[unit]);
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8U | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += j <= count ? kBase64Alphabet[group >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        const std::size_t padding =
            !last ? 0 : (text[i + 3] != '=' ? 0 : (text[i + 2] != '=' ? 1 : 2));
        unsigned group = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const int value = j < 4 - padding ? base64_value(text[i + j]) : 0;
            if (value < 0) {
                return std::nullopt;
            }
            group = group << 6U | static_cast<unsigned>(value);
        }
        for (std::size_t j = 0; j < 3 - padding; ++j) {
            out += static_cast<char>(group >> (16 - 8 * j) & 255U);
        }
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kUnreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string out;
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

std::span<const std::byte> as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span(text));
}

std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string redacted_url(std::string_view url) {
    std::string out;
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
        out = url.substr(0, scheme + 3);
        url.remove_prefix(scheme + 3);
        const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
        if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
            url.remove_prefix(at + 1);
        }
    }
    const std::size_t query = url.find_first_of("?#");
    out += url.substr(0, query);
    if (query != std::string_view::npos) {
        out += "?…";
    }
    return printable(out);
}

}  // namespace regtool::base
