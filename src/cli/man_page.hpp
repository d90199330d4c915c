#pragma once

#include <string>
#include <string_view>

namespace regtool::cli {

/// One manual page in roff: "regtool" for the overview with exit codes and topics,
/// "regtool-blob-verify" for a command. Throws UsageError for another name.
[[nodiscard]] std::string man_page(std::string_view name);

}  // namespace regtool::cli
