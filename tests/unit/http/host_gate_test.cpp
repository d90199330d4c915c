#include "http/host_gate.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace std::chrono_literals;
using http::HostGate;

namespace {

constexpr HostGate::TimePoint kStart{std::chrono::hours(1)};
const std::string kHost = "https://h:443";

void break_host(HostGate& gate, int status = 503) {
    for (int i = 0; i < HostGate::kFailuresInARow; ++i) {
        gate.failed(kHost, status, kStart);
    }
}

}  // namespace

TEST_CASE("RAT-06 a pause holds one host back, and no other") {
    HostGate gate(4);
    gate.pause(kHost, kStart + 7s);
    CHECK_FALSE(gate.enter(kHost, kStart + 6s));
    CHECK(gate.opens_at(kHost) == kStart + 7s);
    CHECK(gate.enter(kHost, kStart + 7s));
    CHECK(gate.enter("https://other:443", kStart));
    gate.pause(kHost, kStart + 3s);  // a shorter one does not end it
    CHECK(gate.opens_at(kHost) == kStart + 7s);
}

TEST_CASE("T-55 a failing host gets one request at a time, ever more seldom") {
    HostGate gate(4);
    break_host(gate);
    CHECK_FALSE(gate.enter(kHost, kStart));
    CHECK(gate.enter(kHost, kStart + 1s));
    CHECK_FALSE(gate.enter(kHost, kStart + 1s));  // that one is on its way
    gate.failed(kHost, 503, kStart + 1s);
    CHECK_FALSE(gate.enter(kHost, kStart + 2s));
    CHECK(gate.enter(kHost, kStart + 3s));
    gate.succeeded(kHost);
    CHECK(gate.enter(kHost, kStart + 3s));
    CHECK(gate.enter(kHost, kStart + 3s));
}

TEST_CASE("T-55 a success between failures is forgiveness") {
    HostGate gate(4);
    for (int i = 0; i < 100; ++i) {
        gate.failed(kHost, 500, kStart);
        if (i % 9 == 8) {
            gate.succeeded(kHost);
        }
    }
    CHECK(gate.enter(kHost, kStart));
}

TEST_CASE("T-55 a host that stays broken is given up") {
    HostGate gate(2);
    break_host(gate);
    auto now = kStart;
    for (int probe = 0; probe < 2; ++probe) {
        CHECK_NOTHROW(gate.require_hope(kHost));
        now = gate.opens_at(kHost);
        CHECK(gate.enter(kHost, now));
        gate.failed(kHost, 503, now);
    }
    CHECK_THROWS_AS(gate.require_hope(kHost), base::RegistryError);
    CHECK_NOTHROW(gate.require_hope("https://other:443"));
    HostGate impatient(0);
    break_host(impatient, 0);
    CHECK_THROWS_AS(impatient.require_hope(kHost), base::TransportError);
}
