#include "registry/content_range.hpp"

#include "support/catch.hpp"

using regtool::registry::parse_content_range;

TEST_CASE("BLB-04 FZ-05 ranges that make sense") {
    const auto range = parse_content_range("bytes 5-9/10");
    REQUIRE(range);
    CHECK(range->first == 5);
    CHECK(range->last == 9);
    CHECK(range->total == 10U);
    CHECK_FALSE(parse_content_range("bytes 0-0/*")->total);
}

TEST_CASE("T-51 FZ-05 ranges that do not") {
    for (const char* text : {"", "bytes", "bytes */10", "bytes 5-4/10", "bytes 0-10/10",
                             "bytes -1-2/3", "items 0-1/2", "bytes 0-1", "bytes 0/1-2",
                             "bytes 18446744073709551616-1/2", "bytes a-b/c", "bytes 0-1/x"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_content_range(text));
    }
}
