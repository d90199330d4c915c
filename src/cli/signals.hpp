#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "regtool/base/error.hpp"

namespace regtool::cli {

/// Turns SIGINT, SIGTERM and a deadline into a stopped token. One thread waits for the signals, so
/// nothing runs in a handler; a second signal ends the process at once, and ten seconds do without
/// one. Make it before any other thread is started: they inherit the blocked signals.
class SignalWatch {
  public:
    explicit SignalWatch(std::optional<std::chrono::milliseconds> deadline);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    SignalWatch(SignalWatch&&) = delete;
    SignalWatch& operator=(SignalWatch&&) = delete;

    [[nodiscard]] std::stop_token token() const;
    [[nodiscard]] std::optional<base::ErrorKind> reason() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace regtool::cli
