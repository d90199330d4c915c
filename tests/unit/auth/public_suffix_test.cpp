#include "auth/public_suffix.hpp"

#include "support/catch.hpp"

using regtool::auth::registrable_domain;

TEST_CASE("ATH-07 the registrable domain is that of the public suffix list") {
    CHECK(registrable_domain("a.b.example.com") == "example.com");
    CHECK(registrable_domain("reg.example.co.uk") == "example.co.uk");
    CHECK(registrable_domain("x.github.io") == "x.github.io");
    for (const char* none : {"com", "co.uk", "localhost", "127.0.0.1", "::1", "", "single"}) {
        CAPTURE(none);
        CHECK(registrable_domain(none).empty());
    }
}
