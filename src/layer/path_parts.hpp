#pragma once

#include <string_view>
#include <vector>

namespace regtool::layer {

/// The parts of a stored name as clean_path() understands it; none for the root. `parts` is reused
/// for speed. Throws IntegrityError when ".." leaves the root (LAY-04).
void clean_parts(std::string_view stored, std::vector<std::string_view>& parts);
/// The parts between slashes, "." and empty ones left out, ".." kept.
void raw_parts(std::string_view path, std::vector<std::string_view>& parts);

}  // namespace regtool::layer
