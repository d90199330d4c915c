#include "regtool/base/clock.hpp"

#include <condition_variable>
#include <mutex>
#include <random>

namespace regtool::base {

std::chrono::steady_clock::time_point SystemClock::monotonic() const {
    return std::chrono::steady_clock::now();
}

std::chrono::system_clock::time_point SystemClock::wall() const {
    return std::chrono::system_clock::now();
}

bool SystemClock::sleep_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    // The predicate never holds: only time or the token ends the wait.
    (void)wake.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

double SystemRandom::uniform() {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace regtool::base
