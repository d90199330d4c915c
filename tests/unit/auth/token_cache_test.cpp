#include "auth/token_cache.hpp"

#include "support/catch.hpp"
#include "support/manual_clock.hpp"

using namespace regtool;
using namespace regtool::auth;
using namespace std::chrono_literals;

namespace {

Token token(const char* text, std::chrono::seconds lifetime = 60s) {
    Token result;
    result.text = base::Secret(text);
    result.lifetime = lifetime;
    return result;
}

}  // namespace

TEST_CASE("ATH-17 tokens are found by origin, identity and scope") {
    test::ManualClock clock;
    TokenCache cache(clock);
    cache.put({"https://a:443", "me", {"repository:x:pull,push"}}, token("t"));
    CHECK(cache.find({"https://a:443", "me", {"repository:x:pull"}})->reveal() == "t");
    CHECK_FALSE(cache.find({"https://b:443", "me", {"repository:x:pull"}}));
    CHECK_FALSE(cache.find({"https://a:443", "you", {"repository:x:pull"}}));
    CHECK_FALSE(cache.find({"https://a:443", "me", {"repository:y:pull"}}));
}

TEST_CASE("ATH-13 ATH-27 F-27 T-48 a token is renewed shortly before it ends") {
    test::ManualClock clock;
    TokenCache cache(clock);
    const TokenCache::Key key{"o", "i", {"repository:x:pull"}};
    cache.put(key, token("t", 60s));
    clock.advance(53s);
    CHECK(cache.find(key));
    clock.advance(2s);
    CHECK_FALSE(cache.find(key));
}

TEST_CASE("F-13 a token that was refused is forgotten") {
    test::ManualClock clock;
    TokenCache cache(clock);
    const TokenCache::Key key{"o", "i", {"repository:x:pull"}};
    cache.put(key, token("t"));
    cache.drop(base::Secret("t"));
    CHECK_FALSE(cache.find(key));
}
