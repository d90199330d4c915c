#pragma once

#include <stop_token>
#include <string>

#include "regtool/base/secret.hpp"

namespace regtool::cli {

/// Asks on the terminal itself, so that standard input stays free. Throws UsageError where there is
/// no terminal, and Cancelled when `stop` is requested before the line is there.
[[nodiscard]] std::string ask_user_name(const std::string& host, const std::stop_token& stop);
/// The line that answers a question, which is shown as it is.
[[nodiscard]] std::string ask_question(const std::string& question, const std::stop_token& stop);
/// A password, without echo; the terminal is set right again whatever happens.
[[nodiscard]] base::Secret ask_password(const std::string& user,
                                        const std::string& host,
                                        const std::stop_token& stop);
/// All of standard input without one trailing line end (BAS-06).
[[nodiscard]] base::Secret read_password_from_stdin();

}  // namespace regtool::cli
