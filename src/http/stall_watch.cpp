#include "http/stall_watch.hpp"

#include <algorithm>

namespace regtool::http {

namespace {

/// 1 KiB in the 60 s of the default limit.
constexpr std::int64_t kFloorBytesPerMinute = 1024;
constexpr std::int64_t kMinuteMs = 60'000;

}  // namespace

bool StallWatch::late(TimePoint now, Phase phase, std::uint64_t bytes_moved) {
    if (phase != phase_) {
        phase_ = phase;
        since_ = now;
        bytes_then_ = bytes_moved;
        return false;
    }
    if (phase == Phase::connecting || limit().count() == 0) {
        return false;
    }
    if (phase != Phase::waiting) {
        const auto floor = std::max<std::int64_t>(
            1, std::min(stall_.count(), kMinuteMs) * kFloorBytesPerMinute / kMinuteMs);
        if (bytes_moved - bytes_then_ >= static_cast<std::uint64_t>(floor)) {
            since_ = now;
            bytes_then_ = bytes_moved;
            return false;
        }
    }
    return now - since_ > limit();
}

}  // namespace regtool::http
