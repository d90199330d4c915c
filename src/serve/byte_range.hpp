#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace regtool::serve {

/// Bytes `first` to `last`, both included.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// The Range header asks for nothing that the file has: 416.
struct Unsatisfiable {};

/// What a Range header means for a file of `size` bytes (RFC 9110 §14.2). Several ranges, other
/// units and malformed headers mean the whole (nullopt), as the RFC allows.
[[nodiscard]] std::variant<std::monostate, ByteRange, Unsatisfiable> select_range(
    std::string_view header, std::uint64_t size);

/// The Content-Range of an upload's chunk: `FIRST-LAST` (distribution-spec, "Pushing a blob in
/// chunks"), or RFC 9110's `bytes FIRST-LAST/…`. nullopt when malformed.
[[nodiscard]] std::optional<ByteRange> parse_chunk_range(std::string_view header);

}  // namespace regtool::serve
