#include "regtool/base/clock.hpp"
#include "support/catch.hpp"

using namespace regtool::base;
using namespace std::chrono_literals;

TEST_CASE("FZ-07 RFC 3339 both ways") {
    CHECK(format_rfc3339(0) == "1970-01-01T00:00:00Z");
    CHECK(format_rfc3339(1'704'067'200) == "2024-01-01T00:00:00Z");
    CHECK(parse_rfc3339("2024-01-01T00:00:00Z") == 1'704'067'200);
    CHECK(parse_rfc3339("2024-01-01T01:00:00.123456789+01:00") == 1'704'067'200);
    CHECK(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
    for (const char* bad :
         {"", "2024-01-01", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z",
          "2024-01-01T00:00:00", "2024-01-01 00:00:00 UTC"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rfc3339(bad));
    }
}

TEST_CASE("RAT-03 the three forms of an HTTP date") {
    // RFC 9110 §5.6.7.
    for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                             "Sun Nov  6 08:49:37 1994"}) {
        CAPTURE(text);
        CHECK(parse_http_date(text) == 784111777);
    }
    for (const char* bad : {"", "soon", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_http_date(bad));
    }
}

TEST_CASE("durations as people type them") {
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("1h30m") == 90min);
    CHECK(parse_duration("7") == 7s);
    for (const char* bad : {"", "-1s", "1x", "s", "99999999999999999999s"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_duration(bad));
    }
}
