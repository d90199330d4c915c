#pragma once

#include <stop_token>
#include <string>
#include <vector>

namespace regtool::cli {

/// Asks whether to go on with what cannot be undone. `facts` are shown first, a line each. With
/// `yes` nothing is asked. Throws UsageError for any answer but yes, and where there is no terminal
/// to ask on: then it carries the facts, and the way to say yes.
void confirm(const std::string& what,
             const std::vector<std::string>& facts,
             bool yes,
             const std::stop_token& stop);

}  // namespace regtool::cli
