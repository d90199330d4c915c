#include "regtool/registry/endpoint.hpp"

#include "support/catch.hpp"

using namespace regtool;
using model::RegistryHost;
using registry::Endpoints;

TEST_CASE("REF-03 INS-01 INS-02 where an API is") {
    int probes = 0;
    Endpoints endpoints([](const RegistryHost& host) { return host.host() == "plain.test"; },
                        [&](std::string_view, std::string_view port, std::stop_token) {
                            ++probes;
                            return port == "5000" ? http::Scheme::http : http::Scheme::https;
                        });
    const auto url = [&](const char* host) {
        return endpoints.base_url(RegistryHost::parse(host), {});
    };
    CHECK(url("docker.io") == "https://registry-1.docker.io");
    CHECK(url("reg.test") == "https://reg.test");
    CHECK(url("plain.test:80") == "http://plain.test:80");
    CHECK(probes == 0);
    CHECK(url("localhost:5000") == "http://localhost:5000");
    CHECK(url("localhost:5000") == "http://localhost:5000");
    CHECK(url("127.0.0.1:5001") == "https://127.0.0.1:5001");
    CHECK(probes == 2);
    CHECK(endpoints.registry_of("https://registry-1.docker.io:443")->str() == "docker.io");
    CHECK(endpoints.registry_of("http://localhost:5000")->str() == "localhost:5000");
    CHECK_FALSE(endpoints.registry_of("https://evil.test:443"));
}
