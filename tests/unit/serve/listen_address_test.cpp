#include "serve/listen_address.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool::serve;

TEST_CASE("an address to listen at is numeric and has a port") {
    CHECK(parse_listen_address("127.0.0.1:5000").str() == "127.0.0.1:5000");
    CHECK(parse_listen_address("localhost:0").str() == "127.0.0.1:0");
    CHECK(parse_listen_address("[::1]:80").str() == "[::1]:80");
    for (const char* text : {"", ":5000", "5000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                             "127.0.0.1:65536", "example.org:80", "::1:80", "[127.0.0.1]:80",
                             "[::1%lo]:80", "127.1:80", "127.0.0.1:-1"}) {
        CHECK_THROWS_AS(parse_listen_address(text), regtool::base::UsageError);
    }
}

TEST_CASE("T-18 loopback is told from the network") {
    CHECK(parse_listen_address("127.8.9.1:1").is_loopback());
    CHECK(parse_listen_address("[::1]:1").is_loopback());
    CHECK(parse_listen_address("[0:0:0:0:0:0:0:1]:1").is_loopback());
    CHECK_FALSE(parse_listen_address("0.0.0.0:1").is_loopback());
    CHECK_FALSE(parse_listen_address("[::]:1").is_loopback());
    CHECK_FALSE(parse_listen_address("[::ffff:127.0.0.1]:1").is_loopback());
}

TEST_CASE("port 0 becomes the port that the system chose, and a taken one says so") {
    ListenAddress address = parse_listen_address("127.0.0.1:0");
    const auto socket = open_listener(address);
    CHECK(address.port != 0);
    try {
        (void)open_listener(address);
        FAIL("a second listener");
    } catch (const regtool::base::IoError& error) {
        CHECK(error.hint().find("127.0.0.1:0") != std::string::npos);
    }
}
