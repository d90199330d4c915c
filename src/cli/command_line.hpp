#pragma once

#include "cli/session.hpp"

namespace regtool::cli {

/// Parses the words of the program, argv[0] among them, into the session's options, variables of
/// the environment included. What comes back does what they ask for; until it is called nothing is
/// read, sent or printed. It borrows the session. Throws UsageError.
[[nodiscard]] Session::Action parse_command_line(Session& session,
                                                 int argc,
                                                 const char* const* argv);

}  // namespace regtool::cli
