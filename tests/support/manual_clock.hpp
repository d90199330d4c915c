#pragma once

#include <mutex>
#include <vector>

#include "regtool/base/clock.hpp"

namespace regtool::test {

/// Time that passes only when somebody sleeps. Thread-safe.
class ManualClock final : public base::Clock {
  public:
    std::chrono::steady_clock::time_point monotonic() const override {
        const std::scoped_lock lock(mutex_);
        return std::chrono::steady_clock::time_point{} + elapsed_;
    }

    /// Starts at 2024-01-01T00:00:00Z.
    std::chrono::system_clock::time_point wall() const override {
        const std::scoped_lock lock(mutex_);
        return std::chrono::system_clock::from_time_t(1'704'067'200) + elapsed_;
    }

    bool sleep_for(std::chrono::milliseconds duration, const std::stop_token& stop) override {
        const std::scoped_lock lock(mutex_);
        elapsed_ += duration;
        sleeps_.push_back(duration);
        return !stop.stop_requested();
    }

    void advance(std::chrono::milliseconds duration) {
        const std::scoped_lock lock(mutex_);
        elapsed_ += duration;
    }

    [[nodiscard]] std::vector<std::chrono::milliseconds> sleeps() const {
        const std::scoped_lock lock(mutex_);
        return sleeps_;
    }

  private:
    mutable std::mutex mutex_;
    std::chrono::milliseconds elapsed_{1'000'000};
    std::vector<std::chrono::milliseconds> sleeps_;
};

/// Always the same number.
class FixedRandom final : public base::Random {
  public:
    explicit FixedRandom(double value) : value_(value) {}

    double uniform() override { return value_; }

  private:
    double value_;
};

}  // namespace regtool::test
