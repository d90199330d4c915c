#pragma once

#include <memory>
#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/log.hpp"
#include "regtool/ui/progress_view.hpp"
#include "regtool/ui/terminal.hpp"

namespace regtool::ui {

struct MessageOptions {
    bool quiet = false;
    int verbosity = 0;  ///< number of -v
    bool trace = false;
    Terminal terminal;  ///< of stderr
};

/// Log on stderr: `warning: …`, `info: …`, trace lines `> ` and `< `. Pauses the progress view
/// while it writes; `progress` may be null and must outlive the log.
[[nodiscard]] std::unique_ptr<base::Log> make_message_log(int fd,
                                                          MessageOptions options,
                                                          ProgressView* progress);

/// `error: WHAT: WHY`, then indented context lines, the registry's own words, and `hint: …`. Ends
/// with a newline. Everything from a peer is escaped.
[[nodiscard]] std::string render_error_text(const base::Error& error, const Terminal& terminal);
/// One JSON object with kind, code, http_status, reference, message, hint, exit_code (and method,
/// url, context, registry_errors when there are any), and a newline.
[[nodiscard]] std::string render_error_json(const base::Error& error);

}  // namespace regtool::ui
