#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "regtool/ops/progress.hpp"

namespace regtool::ui {

/// How fast bytes come lately: the past counts for ever less, with a half-life of two seconds.
class RateMeter {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit RateMeter(TimePoint start) : last_(start) {}

    /// `bytes` is the sum so far.
    void sample(std::uint64_t bytes, TimePoint now);

    /// Bytes in a second; 0 while it is not known.
    [[nodiscard]] double rate() const noexcept { return rate_; }

    /// nullopt while nobody can say.
    [[nodiscard]] std::optional<std::chrono::seconds> time_for(std::uint64_t bytes) const;

  private:
    TimePoint last_;
    std::uint64_t last_bytes_ = 0;
    double rate_ = 0;
    bool known_ = false;
};

/// All transfers together. A mounted blob's bytes leave the sum: nobody waits for them.
class WholeState {
  public:
    void planned(const ops::TransferPlan& plan);
    void started(std::optional<std::uint64_t> total);

    void advanced(std::uint64_t bytes) { done_ += bytes; }

    /// `done` is what advanced() heard of this transfer.
    void finished(std::optional<std::uint64_t> total, std::uint64_t done, ops::TransferEnd how);

    [[nodiscard]] std::uint64_t items() const noexcept { return planned_ ? plan_.items : started_; }

    [[nodiscard]] std::uint64_t finished_items() const noexcept { return finished_; }

    /// nullopt when some transfer did not say its size.
    [[nodiscard]] std::optional<std::uint64_t> total() const noexcept;
    /// Never more than the total.
    [[nodiscard]] std::uint64_t done() const noexcept;

    [[nodiscard]] bool is_planned() const noexcept { return planned_; }

    [[nodiscard]] std::uint64_t mounted_items() const noexcept { return mounted_items_; }

    [[nodiscard]] std::uint64_t mounted_bytes() const noexcept { return mounted_bytes_; }

    [[nodiscard]] std::uint64_t skipped_items() const noexcept { return plan_.skipped_items; }

    [[nodiscard]] std::uint64_t skipped_bytes() const noexcept { return plan_.skipped_bytes; }

  private:
    ops::TransferPlan plan_;
    bool planned_ = false;
    bool sizes_known_ = true;
    std::uint64_t started_ = 0;
    std::uint64_t started_bytes_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t mounted_items_ = 0;
    std::uint64_t mounted_bytes_ = 0;
};

}  // namespace regtool::ui
