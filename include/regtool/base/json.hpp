#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace regtool::base {

/// Bounds of every document that comes from outside; a manifest larger than this is refused by
/// registries too.
inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonElements = 1'000'000;

/// Parses one JSON value. Refuses: more than kMaxJsonDepth levels or kMaxJsonElements values,
/// duplicate member names, a byte-order mark, invalid UTF-8, bytes after the value. `what` names
/// the document in the InvalidDocument that is thrown, which carries the byte offset. The result
/// keeps member order.
[[nodiscard]] nlohmann::ordered_json parse_json(std::string_view text, std::string_view what);

/// The same text re-indented with two blanks a level, without parsing numbers or strings: every
/// token keeps its very bytes and order. Returns the input unchanged when its brackets and strings
/// do not match. For people only.
[[nodiscard]] std::string indent_json(std::string_view text);

}  // namespace regtool::base
