#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::base {

/// ASCII only, independent of the locale.
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equals_ignore_case(std::string_view a, std::string_view b) noexcept;
/// Blanks and tabs at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Text from a peer made safe for a terminal and for one line: C0, DEL, C1, bidi and zero-width
/// controls and invalid UTF-8 become `\xNN` or `\u{…}`; valid printable UTF-8 stays. A newline
/// becomes `\n`, a tab `\t`. A backslash stays as it is.
[[nodiscard]] std::string printable(std::string_view text);
/// As `printable`, cut to `max_bytes` with an ellipsis.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);
/// JSON text with the same characters written as `\uXXXX`, newlines and tabs between tokens kept:
/// the value stays the same, a terminal is safe. Invalid UTF-8 is replaced by U+FFFD.
[[nodiscard]] std::string printable_json(std::string_view json);
[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// Whole-string decimal; no sign, no blanks, no overflow: nullopt otherwise.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// "31.4 MB" (SI, three significant places), "999 B".
[[nodiscard]] std::string human_size(std::uint64_t bytes);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
/// RFC 4648 §4 with padding; nullopt when malformed.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// RFC 3986 percent-encoding of everything but unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// The two named conversions between text and binary.
[[nodiscard]] std::span<const std::byte> as_bytes(std::string_view text) noexcept;
[[nodiscard]] std::string_view as_text(std::span<const std::byte> bytes) noexcept;

/// A URL fit for messages: user info dropped, query shown as `?…`, control characters escaped.
[[nodiscard]] std::string redacted_url(std::string_view url);

}  // namespace regtool::base
