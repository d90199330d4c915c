#pragma once

#include "regtool/registry/registry_client.hpp"
#include "support/fake_http.hpp"
#include "support/manual_clock.hpp"

namespace regtool::test {

/// A RegistryClient over a fake network.
struct RegistryLab {
    explicit RegistryLab(FakeHttp::Handler handler) : fake(std::move(handler)) {}

    FakeHttp fake;
    ManualClock clock;
    FixedRandom random{0.0};
    base::NullLog log;
    registry::Endpoints endpoints{
        [](const model::RegistryHost&) { return false; },
        [](std::string_view, std::string_view, std::stop_token) { return http::Scheme::https; }};
    registry::RegistryClient client{fake, endpoints, clock, random, log};
};

}  // namespace regtool::test
