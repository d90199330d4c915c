#include "regtool/http/message.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::http;

TEST_CASE("headers compare without letter case and keep every line") {
    Headers headers;
    headers.add("Link", "a");
    headers.add("LINK", " b ");
    CHECK(headers.get("link") == "a");
    CHECK(headers.get_all("Link") == std::vector<std::string_view>{"a", "b"});
    headers.set("link", "c");
    CHECK(headers.get_all("Link") == std::vector<std::string_view>{"c"});
    headers.remove("LINK");
    CHECK_FALSE(headers.get("Link"));
}

TEST_CASE("RDR-02 the origin is scheme, host and port in one spelling") {
    CHECK(origin_of("https://Reg.Test/v2/") == "https://reg.test:443");
    CHECK(origin_of("https://reg.test.:443/x") == "https://reg.test:443");
    CHECK(origin_of("http://[::1]:5000/") == "http://[::1]:5000");
    CHECK(origin_of("http://h") == "http://h:80");
    CHECK(origin_of("https://reg.test:444/") != origin_of("https://reg.test/"));
}

TEST_CASE("T-57 URLs that parsers disagree about are refused") {
    for (const char* url :
         {"", "ftp://h/", "file:///etc/passwd", "https://user@h/", "https://u:p@h/",
          "https://reg.test\\@evil.test/", "https://h\t/", "https://h/ x", "https://\xd0\xb0/",
          "gopher://h/", "https:///x", "javascript:1", "//h/x"}) {
        CAPTURE(url);
        CHECK_THROWS_AS(origin_of(url), base::UsageError);
    }
    CHECK(origin_of("https://reg.test#@evil.test") == "https://reg.test:443");
}
