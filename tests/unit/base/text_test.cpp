#include "regtool/base/text.hpp"

#include "support/catch.hpp"

using namespace regtool::base;

TEST_CASE("T-29 printable lets nothing through that drives a terminal") {
    struct Row {
        std::string_view in;
        std::string_view out;
    };

    using namespace std::string_view_literals;
    const Row rows[] = {
        {"plain text", "plain text"},
        {"Grüße, 世界", "Grüße, 世界"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b"
         "31m",
         "\\u{9b}31m"},
        {"\xe2\x80\xae"
         "gpj",
         "\\u{202e}gpj"},
        {"\xe2\x81\xa6", "\\u{2066}"},
        {"\xe2\x80\x8b", "\\u{200b}"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"nul\0here"sv, "nul\\x00here"},
        {"back\\slash", "back\\slash"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.out);
        CHECK(printable(row.in) == row.out);
        CHECK(printable(printable(row.in)) == row.out);
    }
}

TEST_CASE("T-29 JSON keeps its value and loses its sting") {
    CHECK(printable_json("{\n \"a\": \"\xe2\x80\xae\"}") == "{\n \"a\": \"\\u202e\"}");
    CHECK(printable_json("\"\xf3\xa0\x80\x81\"") == "\"\\udb40\\udc01\"");
    CHECK(printable_json("\"\xc3\xa9\"") == "\"\xc3\xa9\"");
    CHECK(printable_json("\"\xff\"") == "\"\\ufffd\"");
}

TEST_CASE("printable cuts at a character and says so") {
    CHECK(printable("ééé", 3) == "é…");
    CHECK(printable("abc", 3) == "abc");
}

TEST_CASE("T-51 numbers are whole, unsigned and do not overflow") {
    CHECK(parse_decimal("0") == 0U);
    CHECK(parse_decimal("18446744073709551615") == 18446744073709551615ULL);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616",
                             "99999999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_decimal(text));
    }
}

TEST_CASE("sizes for people") {
    struct Row {
        std::uint64_t bytes;
        const char* text;
    };

    for (const Row& row :
         {Row{0, "0 B"}, Row{999, "999 B"}, Row{1000, "1.0 kB"}, Row{31'415'926, "31.4 MB"},
          Row{270'038'887, "270 MB"}, Row{1'500'000'000'000, "1.5 TB"}}) {
        CHECK(human_size(row.bytes) == row.text);
    }
}

TEST_CASE("base64 as in RFC 4648") {
    for (const auto& [plain, coded] :
         {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="},
          std::pair{"foo", "Zm9v"}, std::pair{"foobar", "Zm9vYmFy"}}) {
        CHECK(base64_encode(plain) == coded);
        CHECK(base64_decode(coded) == plain);
    }
    for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Z g=", "Zm9v\n", "=Zg=", "Zm9-"}) {
        CAPTURE(bad);
        CHECK_FALSE(base64_decode(bad));
    }
}

TEST_CASE("UPL-04 percent-encoding leaves the unreserved alone") {
    CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encode("sha256:a b&c=d/é") == "sha256%3Aa%20b%26c%3Dd%2F%C3%A9");
}

TEST_CASE("RDR-11 URLs in messages show no query and no user") {
    CHECK(redacted_url("https://h/p?sig=secret#f").find("secret") == std::string::npos);
    CHECK(redacted_url("https://user:pass@h/p").find("pass") == std::string::npos);
    CHECK(redacted_url("https://h:5000/v2/x") == "https://h:5000/v2/x");
    CHECK(redacted_url("https://h/\x1b").find('\x1b') == std::string::npos);
}

TEST_CASE("splitting, trimming and comparing") {
    CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(trim(" \t a b \t") == "a b");
    CHECK(equals_ignore_case("Content-TYPE", "content-type"));
    CHECK_FALSE(equals_ignore_case("a", "ab"));
}
