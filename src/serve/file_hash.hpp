#pragma once

#include <stop_token>
#include <string>

#include "regtool/model/digest.hpp"

namespace regtool::serve {

/// The digest of all bytes of an open file. Moves no position, so several may read at once. Throws
/// IoError, and Refusal (503) when `stop` is asked for.
[[nodiscard]] model::Digest hash_of_file(int fd,
                                         base::HashAlgorithm algorithm,
                                         const std::string& path_for_message,
                                         const std::stop_token& stop);

}  // namespace regtool::serve
