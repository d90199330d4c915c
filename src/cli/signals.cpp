#include "cli/signals.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <string_view>
#include <thread>

namespace regtool::cli {

namespace {

constexpr int kNoReason = -1;
/// For the end to come by itself, which takes a moment. A filter of --jq that runs for ever knows
/// of no end, and who sends one signal only would wait for ever as well.
constexpr std::chrono::seconds kGrace{10};

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);  // our own: the destructor wakes the thread with it
    return set;
}

base::ErrorKind reason_of(int signal) {
    return signal == SIGINT ? base::ErrorKind::interrupted : base::ErrorKind::terminated;
}

/// Waits for one signal until `deadline`; 0 when it passes.
int wait_signal(const sigset_t& set,
                const std::optional<std::chrono::steady_clock::time_point>& deadline) {
    siginfo_t info;
    for (;;) {
        if (!deadline) {
            return sigwaitinfo(&set, &info) > 0 ? info.si_signo : SIGUSR1;
        }
        const auto left = *deadline - std::chrono::steady_clock::now();
        if (left <= std::chrono::nanoseconds::zero()) {
            return 0;
        }
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds);
        const timespec wait{.tv_sec = seconds.count(), .tv_nsec = rest.count()};
        const int signal = sigtimedwait(&set, &info, &wait);
        if (signal > 0) {
            return signal;
        }
    }
}

}  // namespace

struct SignalWatch::State {
    std::stop_source stop;
    std::atomic<int> reason{kNoReason};
    std::thread thread;
    pthread_t handle{};

    void cancel(base::ErrorKind why) {
        reason.store(static_cast<int>(why), std::memory_order_release);
        stop.request_stop();
    }

    void watch(std::optional<std::chrono::steady_clock::time_point> deadline) {
        const sigset_t set = watched_signals();
        for (;;) {
            const int signal = wait_signal(set, deadline);
            if (signal == SIGUSR1) {
                return;
            }
            if (stop.stop_requested()) {
                if (signal == 0) {
                    constexpr std::string_view kWords = "error: stopped: it did not end in time\n";
                    (void)!::write(STDERR_FILENO, kWords.data(), kWords.size());
                }
                const auto first = static_cast<base::ErrorKind>(reason.load());
                _exit(
                    static_cast<int>(base::exit_code_of(signal == 0 ? first : reason_of(signal))));
            }
            cancel(signal == 0 ? base::ErrorKind::timeout : reason_of(signal));
            deadline = std::chrono::steady_clock::now() + kGrace;
        }
    }
};

SignalWatch::SignalWatch(std::optional<std::chrono::milliseconds> deadline)
    : state_(std::make_unique<State>()) {
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::optional<std::chrono::steady_clock::time_point> until;
    if (deadline) {
        until = std::chrono::steady_clock::now() + *deadline;
    }
    state_->thread = std::thread([state = state_.get(), until] { state->watch(until); });
    state_->handle = state_->thread.native_handle();
}

SignalWatch::~SignalWatch() {
    pthread_kill(state_->handle, SIGUSR1);
    state_->thread.join();
}

std::stop_token SignalWatch::token() const {
    return state_->stop.get_token();
}

std::optional<base::ErrorKind> SignalWatch::reason() const noexcept {
    const int reason = state_->reason.load(std::memory_order_acquire);
    if (reason == kNoReason) {
        return std::nullopt;
    }
    return static_cast<base::ErrorKind>(reason);
}

}  // namespace regtool::cli
