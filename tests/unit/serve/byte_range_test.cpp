#include "serve/byte_range.hpp"

#include "support/catch.hpp"

using namespace regtool::serve;

namespace {

std::string selected(std::string_view header, std::uint64_t size) {
    const auto range = select_range(header, size);
    if (const auto* part = std::get_if<ByteRange>(&range)) {
        return std::to_string(part->first) + "-" + std::to_string(part->last);
    }
    return std::holds_alternative<Unsatisfiable>(range) ? "unsatisfiable" : "whole";
}

}  // namespace

TEST_CASE("BLB-04 a Range header selects one part, the whole, or nothing") {
    CHECK(selected("bytes=0-0", 10) == "0-0");
    CHECK(selected("bytes=2-5", 10) == "2-5");
    CHECK(selected("bytes=2-", 10) == "2-9");
    CHECK(selected("bytes=2-99", 10) == "2-9");
    CHECK(selected("bytes=-3", 10) == "7-9");
    CHECK(selected("bytes=-99", 10) == "0-9");
    CHECK(selected(" Bytes=2-5 ", 10) == "2-5");
    CHECK(selected("bytes=10-", 10) == "unsatisfiable");
    CHECK(selected("bytes=-0", 10) == "unsatisfiable");
    CHECK(selected("bytes=0-", 0) == "unsatisfiable");
    CHECK(selected("bytes=-1", 0) == "unsatisfiable");
    for (const char* header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=1-2,4-5", "bytes=a-b", "items=0-1",
          "bytes=--1", "bytes=1-2-3", "bytes=99999999999999999999-", "0-5"}) {
        CHECK(selected(header, 10) == "whole");
    }
}

TEST_CASE("UPL-08 a chunk says its place with or without a unit") {
    for (const char* header : {"3-7", "bytes 3-7/*", "bytes 3-7/20", "bytes=3-7", " 3-7 "}) {
        const auto range = parse_chunk_range(header);
        REQUIRE(range);
        CHECK(range->first == 3);
        CHECK(range->last == 7);
    }
    for (const char* header :
         {"", "3", "-7", "3-", "7-3", "a-b", "18446744073709551615-18446744073709551615",
          "0-18446744073709551615", "3-7-9"}) {
        CHECK_FALSE(parse_chunk_range(header));
    }
}
