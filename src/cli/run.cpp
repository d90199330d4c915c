#include "cli/run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <new>

#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/messages.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

void print_error(Session& session, const base::Error& error) noexcept {
    try {
        session.flush_partial_result();
        session.end_progress();
        const ui::Terminal terminal =
            ui::inspect_terminal(STDERR_FILENO, session.options.color, Session::environment);
        const bool json = session.options.format != ui::Format::text || !session.options.jq.empty();
        const std::string text =
            json ? ui::render_error_json(error) : ui::render_error_text(error, terminal);
        base::write_all(STDERR_FILENO, base::as_bytes(text), "standard error");
    } catch (...) {  // stderr itself is gone: the exit code still says what happened
        return;
    }
}

/// A signal or --timeout decides the exit code whatever error it made on its way out.
ExitCode code_for(Session& session, const base::Error& error) {
    const auto reason = session.stop_reason();
    if (!reason) {
        print_error(session, error);
        return error.exit_code();
    }
    const base::Cancelled cancelled(*reason);
    print_error(session, cancelled);
    return cancelled.exit_code();
}

/// A closed stream stays closed: else the next file or socket that is opened would take its number,
/// and get what was meant for it. What cannot be read or written here fails as a closed one does.
void keep_closed_streams_closed() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(fd, F_GETFD) < 0) {
            (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

}  // namespace

int run(int argc, char** argv) {
    keep_closed_streams_closed();
    // A closed pipe or socket is an answer of write(2) here, not the end of the process.
    (void)std::signal(SIGPIPE, SIG_IGN);
    // libcurl would write the keys of every TLS connection there (TLS-12).
    (void)unsetenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe): no other thread yet
    Session session;
    try {
        return static_cast<int>(parse_command_line(session, argc, argv)());
    } catch (const base::ClosedPipe&) {
        return static_cast<int>(ExitCode::closed_pipe);
    } catch (const base::Error& error) {
        return static_cast<int>(code_for(session, error));
    } catch (const std::bad_alloc&) {
        print_error(session, base::Error(base::ErrorKind::io, "out of memory"));
        return static_cast<int>(ExitCode::local);
    } catch (const std::exception& error) {
        print_error(session, base::Error(base::ErrorKind::internal,
                                         std::string("a bug in regtool: ") + error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}

}  // namespace regtool::cli
