#include "http/sound_headers.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/fake_http.hpp"

using namespace regtool;
using http::is_header_name;
using http::require_sound_headers;
using test::respond;

TEST_CASE("T-36 two values where one is allowed") {
    for (const char* name :
         {"Content-Length", "Content-Range", "Content-Type", "Docker-Content-Digest", "Location"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(require_sound_headers(respond(200, {{name, "1"}, {name, "2"}}), "h:443"),
                        base::RegistryError);
        CHECK_NOTHROW(require_sound_headers(respond(200, {{name, "1"}, {name, "1"}}), "h:443"));
        CHECK_NOTHROW(require_sound_headers(respond(500, {{name, "1"}, {name, "2"}}), "h:443"));
    }
    CHECK_NOTHROW(require_sound_headers(respond(200, {{"Link", "a"}, {"Link", "b"}}), "h:443"));
}

TEST_CASE("T-25 T-51 lengths that are no number") {
    for (const char* length : {"-5", "+5", "5 6", "0x5", "99999999999999999999", "1e3", ""}) {
        CAPTURE(length);
        CHECK_THROWS_AS(require_sound_headers(respond(200, {{"Content-Length", length}}), "h:443"),
                        base::RegistryError);
    }
    CHECK_NOTHROW(require_sound_headers(respond(200, {{"Content-Length", "0"}}), "h:443"));
}

TEST_CASE("T-31 encodings that were not asked for") {
    for (const char* encoding : {"gzip", "br", "x-gzip", "identity, gzip", "unknown"}) {
        CAPTURE(encoding);
        CHECK_THROWS_AS(
            require_sound_headers(respond(200, {{"Content-Encoding", encoding}}), "h:443"),
            base::RegistryError);
    }
    CHECK_NOTHROW(require_sound_headers(respond(200, {{"Content-Encoding", "Identity"}}), "h:443"));
}

TEST_CASE("T-36 names of headers") {
    CHECK(is_header_name("Docker-Content-Digest"));
    for (const char* name : {"", " folded", "a b", "a\tb", "n\xc3\xa4me", "a(b"}) {
        CAPTURE(name);
        CHECK_FALSE(is_header_name(name));
    }
}
