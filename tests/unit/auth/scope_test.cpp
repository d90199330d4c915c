#include "regtool/auth/challenge.hpp"
#include "support/catch.hpp"

using namespace regtool::auth;
using Scopes = std::vector<std::string>;

TEST_CASE("ATH-15 ATH-16 scopes merge for each resource, actions in order") {
    CHECK(merge_scopes({"repository:a:push", "repository:b:pull", "repository:a:pull,push"}) ==
          Scopes{"repository:a:pull,push", "repository:b:pull"});
    CHECK(merge_scopes({"repository:h:5000/x:pull"}) == Scopes{"repository:h:5000/x:pull"});
    CHECK(merge_scopes({"repository(plugin):a:delete,pull"}) ==
          Scopes{"repository(plugin):a:pull,delete"});
    CHECK(merge_scopes({"registry:catalog:*"}) == Scopes{"registry:catalog:*"});
    CHECK(merge_scopes({}).empty());
}

TEST_CASE("ATH-16 many scopes of many repositories") {
    Scopes all;
    for (int i = 0; i < 50; ++i) {
        all.push_back("repository:r" + std::to_string(i) + ":pull");
    }
    CHECK(merge_scopes(all) == all);
}

TEST_CASE("ATH-17 a token serves what it covers and nothing else") {
    CHECK(covers({"repository:a:pull,push"}, {"repository:a:pull"}));
    CHECK_FALSE(covers({"repository:a:pull"}, {"repository:a:push"}));
    CHECK_FALSE(covers({"repository:a:pull"}, {"repository:b:pull"}));
    CHECK(covers({"repository:a:*"}, {"repository:a:delete"}));
    CHECK(covers({"repository:a:pull"}, {}));
    CHECK_FALSE(covers({}, {"repository:a:pull"}));
}
