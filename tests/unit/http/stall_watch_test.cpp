#include "http/stall_watch.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using regtool::http::StallWatch;
using Phase = StallWatch::Phase;

namespace {

constexpr StallWatch::TimePoint kStart{std::chrono::hours(1)};

}  // namespace

TEST_CASE("F-09 a transfer that stands still is late after its limit") {
    StallWatch watch(60s, 30s);
    CHECK_FALSE(watch.late(kStart, Phase::receiving, 0));
    CHECK_FALSE(watch.late(kStart + 59s, Phase::receiving, 0));
    CHECK_FALSE(watch.late(kStart + 60s, Phase::receiving, 5000));
    CHECK_FALSE(watch.late(kStart + 120s, Phase::receiving, 5000));
    CHECK(watch.late(kStart + 121s, Phase::receiving, 5000));
}

TEST_CASE("F-10 the headers of an answer have one limit, however they come") {
    StallWatch watch(60s, 30s);
    CHECK_FALSE(watch.late(kStart, Phase::waiting, 0));
    for (int second = 1; second <= 30; ++second) {
        CHECK_FALSE(watch.late(kStart + std::chrono::seconds(second), Phase::waiting,
                               static_cast<std::uint64_t>(second) * 1000));
    }
    CHECK(watch.late(kStart + 31s, Phase::waiting, 31'000));
}

TEST_CASE("T-30 a trickle is a stall, a slow line is not") {
    StallWatch trickle(60s, 30s);
    CHECK_FALSE(trickle.late(kStart, Phase::receiving, 0));
    CHECK(trickle.late(kStart + 61s, Phase::receiving, 1023));
    StallWatch slow(60s, 30s);
    CHECK_FALSE(slow.late(kStart, Phase::receiving, 0));
    CHECK_FALSE(slow.late(kStart + 61s, Phase::receiving, 1024));
    StallWatch brief(1s, 500ms);
    CHECK_FALSE(brief.late(kStart, Phase::sending, 0));
    CHECK_FALSE(brief.late(kStart + 2s, Phase::sending, 20));
}

TEST_CASE("F-27 what our own side takes is not the peer's time") {
    StallWatch watch(60s, 30s);
    CHECK_FALSE(watch.late(kStart, Phase::receiving, 0));
    watch.excuse(100s);
    CHECK_FALSE(watch.late(kStart + 150s, Phase::receiving, 0));
    CHECK(watch.late(kStart + 161s, Phase::receiving, 0));
}

TEST_CASE("connecting has a limit of its own, and 0 is none") {
    StallWatch watch(60s, 30s);
    CHECK_FALSE(watch.late(kStart, Phase::connecting, 0));
    CHECK_FALSE(watch.late(kStart + 1h, Phase::connecting, 0));
    StallWatch patient(0s, 0s);
    CHECK_FALSE(patient.late(kStart, Phase::receiving, 0));
    CHECK_FALSE(patient.late(kStart + 1h, Phase::receiving, 0));
}
