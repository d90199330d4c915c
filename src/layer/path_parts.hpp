#pragma once

#include <string_view>
#include <vector>

namespace regtool::layer {

/// The parts of a stored name as clean_path() understands it; none for the root. `parts` is reused
/// for speed. Throws IntegrityError when ".." leaves the root (LAY-04).
void clean_parts(std::string_view stored, std::vector<std::string_view>& parts);
/// The parts between slashes, "." and empty ones left out, ".." kept.
void raw_parts(std::string_view path, std::vector<std::string_view>& parts);
/// The same, behind those that are there.
void append_raw_parts(std::string_view path, std::vector<std::string_view>& parts);
/// Lets each ".." take the part before it away. False when one leaves the root.
[[nodiscard]] bool fold_parents(std::vector<std::string_view>& parts);
/// Says that.
[[noreturn]] void throw_leaves_root(std::string_view stored);
/// False where whiteout_kind() says `none` at a glance.
[[nodiscard]] bool may_be_whiteout(std::string_view stored);

}  // namespace regtool::layer
