#include "regtool/base/error.hpp"
#include "regtool/http/curl_client.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

using namespace regtool;
using http::probe_scheme;
using http::Scheme;
using test::RawServer;

namespace {

Scheme probe(const std::string& answer) {
    const RawServer server([&](const std::string&) { return RawServer::Reply{answer}; });
    return probe_scheme("127.0.0.1", std::to_string(server.port()), {});
}

}  // namespace

TEST_CASE("INS-01 a server of plain http is told apart by its first byte") {
    CHECK(probe("HTTP/1.1 400 Bad Request\r\n\r\n") == Scheme::http);
    CHECK(probe("\x16\x03\x03") == Scheme::https);
    CHECK(probe("\x15\x03\x01\x00\x02\x02\x28") == Scheme::https);
}

TEST_CASE("INS-03 silence and hang-ups are no reason to speak in the clear") {
    CHECK(probe("") == Scheme::https);
}

TEST_CASE("F-02 nobody listening is an error at once") {
    int port = 0;
    {
        const RawServer gone([](const std::string&) { return RawServer::Reply{}; });
        port = gone.port();
    }
    CHECK_THROWS_AS(probe_scheme("127.0.0.1", std::to_string(port), {}), base::TransportError);
}
