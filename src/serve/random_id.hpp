#pragma once

#include <string>

namespace regtool::serve {

/// 128 random bits in hex: the name of an upload, which nobody can guess.
[[nodiscard]] std::string random_id();

}  // namespace regtool::serve
