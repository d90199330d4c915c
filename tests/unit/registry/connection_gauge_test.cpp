#include "registry/connection_gauge.hpp"

#include "support/catch.hpp"

using namespace regtool::registry;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

/// Whether `bytes` that came in `lasted`, of which `taking` was spent on them, ask for more
/// connections.
bool asks(std::uint64_t bytes,
          std::chrono::milliseconds lasted,
          std::chrono::milliseconds taking,
          std::uint64_t left) {
    const ConnectionGauge::Clock::time_point began{100s};
    ConnectionGauge gauge(began);
    gauge.passed(bytes, began + lasted - taking, began + lasted);
    return gauge.holds_back(left);
}

}  // namespace

TEST_CASE("a slow connection with much to come asks for more of them") {
    CHECK(asks(20 * kMiB, 2000ms, 100ms, 100 * kMiB));
    CHECK_FALSE(asks(20 * kMiB, 1999ms, 100ms, 100 * kMiB));    // not watched for long enough
    CHECK_FALSE(asks(20 * kMiB, 2000ms, 100ms, 31 * kMiB));     // not worth it
    CHECK_FALSE(asks(20 * kMiB, 2000ms, 600ms, 100 * kMiB));    // the reader is the limit
    CHECK_FALSE(asks(500 * kMiB, 2000ms, 100ms, 9999 * kMiB));  // the link is fast
}
