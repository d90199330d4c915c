#include "registry/upload_session.hpp"

#include "support/catch.hpp"

using namespace regtool;

TEST_CASE("FZ-05 UPL-09 what a registry has is read with and without the unit") {
    CHECK(registry::parse_upload_range("0-99") == 100U);
    CHECK(registry::parse_upload_range("bytes=0-99") == 100U);
    CHECK(registry::parse_upload_range(" 0-0 ") == 1U);
    for (const char* bad : {"", "0", "0-", "1-5", "0--1", "0-99/100", "bytes 0-9", "0-x",
                            "0-18446744073709551615", "0-18446744073709551616"}) {
        CAPTURE(bad);
        CHECK_FALSE(registry::parse_upload_range(bad));
    }
}

TEST_CASE("UPL-04 the digest is added to whatever the Location has") {
    const model::Digest digest = model::Digest::sha256_of("");
    const std::string query = "digest=sha256%3A" + std::string(digest.encoded());
    CHECK(registry::closing_url("https://h/u", digest) == "https://h/u?" + query);
    CHECK(registry::closing_url("https://h/u?_state=a%2F=b", digest) ==
          "https://h/u?_state=a%2F=b&" + query);
}
