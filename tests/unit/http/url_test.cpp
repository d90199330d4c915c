#include "http/url.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using http::Url;

TEST_CASE("RDR-06 references resolve as RFC 3986 says") {
    const Url base = Url::parse("https://h:8443/v2/r/blobs/x?q=1");
    CHECK(base.resolve("/abs").text() == "https://h:8443/abs");
    CHECK(base.resolve("rel?y=2").text() == "https://h:8443/v2/r/blobs/rel?y=2");
    CHECK(base.resolve("//other/x").origin() == "https://other:443");
    CHECK(base.resolve("http://z/").origin() == "http://z:80");
    CHECK(base.resolve("/a#fragment").text() == "https://h:8443/a");
    CHECK_THROWS_AS(base.resolve("https://u@h/"), base::UsageError);
    CHECK_THROWS_AS(base.resolve("ftp://h/"), base::UsageError);
}

TEST_CASE("UPL-04 queries stay as they are, byte for byte") {
    const std::string text = "https://h/v2/r/blobs/uploads/1?_state=a%2Fb%3D%3D&x=%7e";
    CHECK(Url::parse(text).text() == text);
}

TEST_CASE("parts of a URL") {
    const Url url = Url::parse("http://[2001:DB8::1]:5000/x");
    CHECK(url.host() == "2001:db8::1");
    CHECK(url.host_port() == "[2001:db8::1]:5000");
    CHECK(url.port() == "5000");
}

TEST_CASE(
    "T-57 a numeric host that ends with a dot is refused: two readers would see two addresses") {
    for (const char* text :
         {"https://2130706433./", "https://127.1./", "http://0x7f.0x1./",
          "https://1.2.3.4.:5000/v2/", "https://222../", "https://reg.test../"}) {
        CHECK_THROWS_AS(Url::parse(text), base::UsageError);
    }
    CHECK(Url::parse("https://reg.test./").host() == "reg.test");
    CHECK(Url::parse("https://4.test./").host() == "4.test");
    CHECK(Url::parse("https://127.1/").host() == "127.0.0.1");
}
