#pragma once

#include <string>

#include "regtool/base/secret.hpp"

namespace regtool::cli {

/// Asks on the terminal itself, so that standard input stays free. Throws UsageError where there is
/// no terminal.
[[nodiscard]] std::string ask_user_name(const std::string& host);
/// The line that answers a question, which is shown as it is.
[[nodiscard]] std::string ask_question(const std::string& question);
/// A password, without echo; the terminal is set right again whatever happens.
[[nodiscard]] base::Secret ask_password(const std::string& user, const std::string& host);
/// All of standard input without one trailing line end (BAS-06).
[[nodiscard]] base::Secret read_password_from_stdin();

}  // namespace regtool::cli
