#include "auth/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 50;

struct Pipe {
    base::UniqueFd read_end;
    base::UniqueFd write_end;
};

Pipe make_pipe(const std::string& program) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw base::IoError(program, "open a pipe to", errno);
    }
    return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

/// Kills and reaps the child unless it was waited for.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid) {}

    ~Child() {
        if (pid_ > 0) {
            (void)kill(pid_, SIGKILL);  // it may have ended by itself
            (void)waitpid(pid_, nullptr, 0);
        }
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;

    void kill_now() const {
        if (pid_ > 0) {
            (void)kill(pid_, SIGKILL);
        }
    }

    /// True once it has ended; it is reaped then.
    bool has_ended() {
        if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) {
            pid_ = -1;
        }
        return pid_ < 0;
    }

    int wait() {
        while (pid_ > 0 && waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
    }

  private:
    pid_t pid_;
    int status_ = 0;
};

std::vector<char*> child_environment() {
    std::vector<char*> kept;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (!text.starts_with("REGTOOL_") && !text.starts_with("DOCKER_AUTH_CONFIG=")) {
            kept.push_back(*variable);
        }
    }
    kept.push_back(nullptr);
    return kept;
}

pid_t spawn(const std::string& program,
            const std::string& argument,
            const Pipe& in,
            const Pipe& out,
            const Pipe& err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // Signals are blocked and SIGPIPE is ignored in this process, not for the helper.
    sigset_t none;
    sigemptyset(&none);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string name = program;
    std::string verb = argument;
    std::array<char*, 3> arguments = {name.data(), verb.data(), nullptr};
    std::vector<char*> environment = child_environment();
    pid_t pid = -1;
    const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(),
                                  environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw base::IoError(program, "run", error);
    }
    return pid;
}

/// Reads what is there; false at the end of the stream.
bool drain(const base::UniqueFd& fd, std::string& into, std::size_t limit, bool& too_large) {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got <= 0) {
        return got < 0 && errno == EINTR;
    }
    const auto bytes = static_cast<std::size_t>(got);
    too_large = too_large || into.size() + bytes > limit;
    into.append(buffer.data(), std::min(bytes, limit - std::min(limit, into.size())));
    return true;
}

/// Feeds and reads until both outputs are closed, the time is over or stdout is too large. A child
/// that has ended is waited for no longer, though an agent that it started may keep its outputs.
void converse(Child& child,
              Pipe& in,
              Pipe& out,
              Pipe& err,
              std::string_view input,
              const ChildLimits& limits,
              const std::stop_token& stop,
              ChildResult& result) {
    const auto until = Clock::now() + limits.timeout;
    bool ignored = false;
    while (out.read_end.valid() || err.read_end.valid()) {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        if (Clock::now() >= until) {
            result.timed_out = true;
            return;
        }
        std::array<pollfd, 3> fds = {{{in.write_end.get(), POLLOUT, 0},
                                      {out.read_end.get(), POLLIN, 0},
                                      {err.read_end.get(), POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), kPollMs) <= 0) {
            if (child.has_ended()) {
                return;
            }
            continue;
        }
        if (fds[0].revents != 0) {
            const ssize_t sent = write(in.write_end.get(), input.data(), input.size());
            if (sent > 0) {
                input.remove_prefix(static_cast<std::size_t>(sent));
            }
            if (input.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) {
                in.write_end = base::UniqueFd();  // end of input, or a child that does not listen
            }
        }
        if (fds[1].revents != 0 &&
            !drain(out.read_end, result.out, limits.max_out_bytes, result.too_large)) {
            out.read_end = base::UniqueFd();
        }
        if (fds[2].revents != 0 &&
            !drain(err.read_end, result.err, limits.max_err_bytes, ignored)) {
            err.read_end = base::UniqueFd();
        }
        if (result.too_large) {
            return;
        }
    }
}

}  // namespace

ChildResult run_child(const std::string& program,
                      const std::string& argument,
                      const base::Secret& input,
                      const ChildLimits& limits,
                      const std::stop_token& stop) {
    Pipe in = make_pipe(program);
    Pipe out = make_pipe(program);
    Pipe err = make_pipe(program);
    if (fcntl(in.write_end.get(), F_SETFL, O_NONBLOCK) != 0) {
        throw base::IoError(program, "feed", errno);
    }
    Child child(spawn(program, argument, in, out, err));
    in.read_end = base::UniqueFd();
    out.write_end = base::UniqueFd();
    err.write_end = base::UniqueFd();
    ChildResult result;
    converse(child, in, out, err, input.reveal(), limits, stop, result);
    if (result.timed_out || result.too_large) {
        child.kill_now();
    }
    result.exit_code = child.wait();
    return result;
}

std::optional<std::string> find_program(const std::string& name, const std::string& path) {
    for (const std::string_view folder : base::split(path, ':')) {
        if (folder.empty() || folder.front() != '/') {
            continue;  // the working folder is never searched
        }
        const std::string candidate = std::string(folder) + "/" + name;
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    return std::nullopt;
}

}  // namespace regtool::auth
