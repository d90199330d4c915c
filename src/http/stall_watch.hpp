#pragma once

#include <chrono>
#include <cstdint>

namespace regtool::http {

/// Tells when a transfer no longer gets on. Pure: it is told the time. One thread at a time.
class StallWatch {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    enum class Phase {
        connecting,  ///< the connection has a limit of its own
        sending,
        waiting,  ///< for the end of the answer's headers: all of it counts, not each byte (F-10)
        receiving,
    };

    /// `stall`: how long sending and receiving may stand still (0: for ever); `answer`: how long
    /// the headers may take.
    StallWatch(std::chrono::milliseconds stall, std::chrono::milliseconds answer)
        : stall_(stall), answer_(answer) {}

    /// True when the limit of this phase is over. A trickle of less than 17 bytes a second counts
    /// as standing still (T-30).
    [[nodiscard]] bool late(TimePoint now, Phase phase, std::uint64_t bytes_moved);

    /// Time that our own side took is not the peer's.
    void excuse(Duration time) { since_ += time; }

    /// What came before does not count.
    void restart(TimePoint now) { since_ = now; }

    [[nodiscard]] std::chrono::milliseconds limit() const {
        return phase_ == Phase::waiting ? answer_ : stall_;
    }

    [[nodiscard]] Phase phase() const { return phase_; }

  private:
    std::chrono::milliseconds stall_;
    std::chrono::milliseconds answer_;
    Phase phase_ = Phase::connecting;
    TimePoint since_{};
    std::uint64_t bytes_then_ = 0;
};

}  // namespace regtool::http
