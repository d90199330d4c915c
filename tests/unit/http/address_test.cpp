#include "http/address.hpp"

#include "support/catch.hpp"

using namespace regtool::http;

TEST_CASE("T-08 spellings of addresses inside a network") {
    for (const char* host : {"127.0.0.1",
                             "127.1",
                             "0x7f.1",
                             "0177.0.0.1",
                             "2130706433",
                             "0.0.0.0",
                             "10.0.0.1",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.64.0.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "::1",
                             "::",
                             "fe80::1",
                             "fc00::1",
                             "fd00::1",
                             "fec0::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "2002:7f00:1::",
                             "64:ff9b::7f00:1",
                             "2001::1",
                             "localhost",
                             "a.localhost"}) {
        CAPTURE(host);
        CHECK(is_local_literal(host));
    }
}

TEST_CASE("T-08 public addresses and names are not local") {
    for (const char* host :
         {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "64:ff9b::808:808",
          "2002:808:808::", "example.com", "localhost.example.com", "127.0.0.1.nip.io"}) {
        CAPTURE(host);
        CHECK_FALSE(is_local_literal(host));
    }
}

TEST_CASE("INS-01 loopback names") {
    CHECK(is_loopback_name("127.8.8.8"));
    CHECK(is_loopback_name("localhost"));
    CHECK_FALSE(is_loopback_name("10.0.0.1"));
}
