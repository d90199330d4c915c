#include "cli/confirmation.hpp"

#include <unistd.h>

#include "cli/password_prompt.hpp"
#include "regtool/base/error.hpp"

namespace regtool::cli {

void confirm(const std::string& what,
             const std::vector<std::string>& facts,
             bool yes,
             const std::stop_token& stop) {
    if (yes) {
        return;
    }
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        base::UsageError error(what + ": not done, for nobody was there to confirm it");
        for (const std::string& fact : facts) {
            error.add_context(fact);
        }
        error.set_hint("say --yes");
        throw error;
    }
    std::string question;
    for (const std::string& fact : facts) {
        question += fact + "\n";
    }
    const std::string answer = ask_question(question + what + "? [y/N] ", stop);
    if (answer != "y" && answer != "Y" && answer != "yes") {
        throw base::UsageError("nothing was deleted");
    }
}

}  // namespace regtool::cli
