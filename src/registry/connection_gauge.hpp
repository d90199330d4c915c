#pragma once

#include <chrono>
#include <cstdint>

namespace regtool::registry {

/// Tells whether one connection is what holds a download back. It watches for two seconds, past the
/// slow start of TCP, and then says yes when more than `kWorthBytes` are still to come, the speed
/// is below what one core can verify by far, and whoever takes the bytes hardly ever made the
/// network wait. Times are the caller's; no thread-safety.
class ConnectionGauge {
  public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::milliseconds kWatch{2'000};
    static constexpr std::uint64_t kWorthBytes = std::uint64_t{32} << 20;
    /// Above this other connections share a link that is fast already.
    static constexpr std::uint64_t kFastBytesPerSecond = std::uint64_t{200} << 20;

    explicit ConnectionGauge(Clock::time_point began) : began_(began) {}

    /// `bytes` came, and taking them lasted from `before` to `after`.
    void passed(std::uint64_t bytes, Clock::time_point before, Clock::time_point after) noexcept {
        bytes_ += bytes;
        taking_ += after - before;
        now_ = after;
    }

    /// `left` bytes are still to come.
    [[nodiscard]] bool holds_back(std::uint64_t left) const noexcept {
        const auto watched = now_ - began_;
        if (watched < kWatch || left < kWorthBytes || taking_ * 4 > watched) {
            return false;
        }
        const double seconds = std::chrono::duration<double>(watched).count();
        return static_cast<double>(bytes_) / seconds < static_cast<double>(kFastBytesPerSecond);
    }

  private:
    Clock::time_point began_;
    Clock::time_point now_{began_};
    Clock::duration taking_{};
    std::uint64_t bytes_ = 0;
};

}  // namespace regtool::registry
