#include "cli/password_prompt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::cli {

namespace {

constexpr std::size_t kMaxPasswordBytes = std::size_t{64} << 10;
constexpr int kPollMs = 50;

base::UniqueFd open_terminal() {
    base::UniqueFd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal.valid()) {
        base::UsageError error("no terminal to ask for credentials on");
        error.set_hint("regtool login HOST -u USER --password-stdin < FILE");
        throw error;
    }
    return terminal;
}

/// Echo off while it lives.
class Silence {
  public:
    explicit Silence(int fd) : fd_(fd) {
        if (tcgetattr(fd_, &before_) == 0) {
            termios quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            changed_ = tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
        }
    }

    ~Silence() {
        if (changed_) {
            (void)tcsetattr(fd_, TCSAFLUSH, &before_);  // nothing more can be done
        }
    }

    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    Silence(Silence&&) = delete;
    Silence& operator=(Silence&&) = delete;

  private:
    int fd_;
    termios before_{};
    bool changed_ = false;
};

/// Signals are blocked and become `stop`: a read that waits would not notice them.
void wait_for_line(int fd, const std::stop_token& stop) {
    pollfd poller{.fd = fd, .events = POLLIN, .revents = 0};
    do {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
    } while (poll(&poller, 1, kPollMs) <= 0);
}

std::string read_line(const base::UniqueFd& terminal, const std::stop_token& stop) {
    std::string line;
    std::array<char, 1> c{};
    do {
        wait_for_line(terminal.get(), stop);
        if (read(terminal.get(), c.data(), 1) != 1 || c[0] == '\n') {
            break;
        }
        line += c[0];
    } while (line.size() < kMaxPasswordBytes);
    return line;
}

}  // namespace

std::string ask_user_name(const std::string& host, const std::stop_token& stop) {
    const base::UniqueFd terminal = open_terminal();
    base::write_all(terminal.get(), base::as_bytes("User name for " + host + ": "), "/dev/tty");
    return read_line(terminal, stop);
}

std::string ask_question(const std::string& question, const std::stop_token& stop) {
    const base::UniqueFd terminal = open_terminal();
    base::write_all(terminal.get(), base::as_bytes(question), "/dev/tty");
    return read_line(terminal, stop);
}

base::Secret ask_password(const std::string& user,
                          const std::string& host,
                          const std::stop_token& stop) {
    const base::UniqueFd terminal = open_terminal();
    base::write_all(terminal.get(),
                    base::as_bytes("Password of " + base::printable(user) + " for " + host + ": "),
                    "/dev/tty");
    const Silence silence(terminal.get());
    base::Secret password(read_line(terminal, stop));
    base::write_all(terminal.get(), base::as_bytes("\n"), "/dev/tty");
    return password;
}

base::Secret read_password_from_stdin() {
    stream::FdSource source(STDIN_FILENO, "standard input");
    stream::StringSink sink(kMaxPasswordBytes);
    (void)stream::pump(source, sink);
    std::string& text = sink.text();
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    return base::Secret(std::move(text));
}

}  // namespace regtool::cli
