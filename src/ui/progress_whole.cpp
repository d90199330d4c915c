#include "ui/progress_whole.hpp"

#include <algorithm>
#include <cmath>

namespace regtool::ui {

void RateMeter::sample(std::uint64_t bytes, TimePoint now) {
    constexpr double kHalfLifeSeconds = 2;
    const double seconds = std::chrono::duration<double>(now - last_).count();
    if (seconds <= 0) {
        return;
    }
    const double fresh = static_cast<double>(bytes - std::min(bytes, last_bytes_)) / seconds;
    const double weight = known_ ? 1 - std::exp2(-seconds / kHalfLifeSeconds) : 1;
    rate_ += weight * (fresh - rate_);
    known_ = true;
    last_ = now;
    last_bytes_ = bytes;
}

std::optional<std::chrono::seconds> RateMeter::time_for(std::uint64_t bytes) const {
    constexpr double kLongest = 99 * 3600.0;  // beyond it a number says nothing
    if (rate_ < 1) {
        return std::nullopt;
    }
    const double seconds = std::ceil(static_cast<double>(bytes) / rate_);
    if (seconds > kLongest) {
        return std::nullopt;
    }
    return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

void WholeState::planned(const ops::TransferPlan& plan) {
    plan_ = plan;
    planned_ = true;
}

void WholeState::started(std::optional<std::uint64_t> total) {
    ++started_;
    started_bytes_ += total.value_or(0);
    sizes_known_ = sizes_known_ && total.has_value();
}

void WholeState::finished(std::optional<std::uint64_t> total,
                          std::uint64_t done,
                          ops::TransferEnd how) {
    ++finished_;
    if (how == ops::TransferEnd::mounted) {
        ++mounted_items_;
        mounted_bytes_ += total.value_or(0);
    } else if (how == ops::TransferEnd::done && total) {
        // An upload that was begun again was heard of twice, a skipped one not at all.
        done_ = done_ - std::min(done, done_) + *total;
    }
}

std::optional<std::uint64_t> WholeState::total() const noexcept {
    if (!planned_ && !sizes_known_) {
        return std::nullopt;
    }
    const std::uint64_t all = planned_ ? plan_.bytes : started_bytes_;
    return all - std::min(all, mounted_bytes_);
}

std::uint64_t WholeState::done() const noexcept {
    const auto all = total();
    return all ? std::min(done_, *all) : done_;
}

}  // namespace regtool::ui
