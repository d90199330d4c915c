#include "auth/token_claims.hpp"

#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using auth::granted_scopes;

namespace {

std::string token_of(const std::string& claims) {
    std::string payload = base::base64_encode(claims);
    payload.erase(payload.find_last_not_of('=') + 1);
    return "e30." + payload + ".sig";
}

}  // namespace

TEST_CASE("ATH-14 what a token says that it allows") {
    const auto scopes = granted_scopes(
        token_of(R"({"access":[{"type":"repository","name":"a/b","actions":["pull","push"]},)"
                 R"({"type":"repository","name":"c","actions":[]},7]})"));
    REQUIRE(scopes);
    CHECK(*scopes == std::vector<std::string>{"repository:a/b:pull,push"});
    CHECK(granted_scopes(token_of(R"({"access":[]})"))->empty());
}

TEST_CASE("ATH-14 tokens that cannot be read") {
    for (const std::string& token :
         {std::string(), std::string("opaque"), std::string("a.b"), std::string("a.!.c"),
          token_of("not json"), token_of("[]"), token_of("{}"), token_of(R"({"access":{}})")}) {
        CAPTURE(token);
        CHECK_FALSE(granted_scopes(token));
    }
}
