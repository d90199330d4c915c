#include "regtool/base/clock.hpp"

#include <thread>

#include "support/catch.hpp"

using namespace regtool::base;
using namespace std::chrono_literals;

TEST_CASE("F-23 a sleep ends at once when the work is stopped") {
    SystemClock clock;
    std::stop_source stop;
    const auto started = clock.monotonic();
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(20ms);
        stop.request_stop();
    });
    CHECK_FALSE(clock.sleep_for(10s, stop.get_token()));
    CHECK(clock.monotonic() - started < 5s);
}

TEST_CASE("a sleep that is not stopped lasts") {
    SystemClock clock;
    const auto started = clock.monotonic();
    CHECK(clock.sleep_for(15ms, {}));
    CHECK(clock.monotonic() - started >= 15ms);
}

TEST_CASE("random numbers are in [0, 1) and differ") {
    SystemRandom random;
    const double first = random.uniform();
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const double value = random.uniform();
        REQUIRE(value >= 0);
        REQUIRE(value < 1);
        differs = differs || value != first;
    }
    CHECK(differs);
}
