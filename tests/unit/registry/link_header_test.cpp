#include "regtool/registry/link_header.hpp"

#include "support/catch.hpp"

using regtool::registry::next_link;

TEST_CASE("LST-02 Link headers of RFC 8288") {
    CHECK(next_link({R"(</v2/x/tags/list?n=1>; rel="next")"}) == "/v2/x/tags/list?n=1");
    CHECK(next_link({R"(<a>;rel=next)"}) == "a");
    CHECK(next_link({R"(<a>; rel="prev", <b>; title="x, y"; rel="next")"}) == "b");
    CHECK(next_link({R"(<a,b?x=1,2>; rel="prev next")"}) == "a,b?x=1,2");
    CHECK(next_link({R"(<a>; rel=prev)", R"(<b>; REL="Next")"}) == "b");
}

TEST_CASE("LST-02 no next link") {
    for (const char* line : {"", "<a>", "<a>; rel=\"last\"", "a; rel=next", "<a; rel=next", "<>",
                             ";;;", "<a>; rel=\"prev\"; rel=\"next\"", "<a>; title=\"rel=next\""}) {
        CAPTURE(line);
        CHECK_FALSE(next_link({line}));
    }
    CHECK_FALSE(next_link({}));
    CHECK_NOTHROW(next_link({std::string(100'000, '<')}));
}
