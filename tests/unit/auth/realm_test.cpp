#include "auth/realm.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;

namespace {

auth::Realm judge_realm(std::string_view realm,
                        std::string_view registry_url,
                        const auth::AuthOptions& rules) {
    return auth::judge_realm(realm, registry_url, model::RegistryHost::parse("reg.test"), rules);
}

}  // namespace

TEST_CASE("ATH-06 realms that must not be contacted") {
    for (const char* realm :
         {"http://reg.test/token", "file:///etc/passwd", "https://u:p@reg.test/",
          "https://reg.test/t#f", "ftp://reg.test/", "https:// x/"}) {
        CAPTURE(realm);
        CHECK_THROWS_AS(judge_realm(realm, "https://reg.test/v2/", {}), base::RegistryError);
    }
    CHECK(judge_realm("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/v2/", {}).trusted);
}

TEST_CASE("ATH-06 relative realms") {
    CHECK(judge_realm("/token", "https://reg.test:5000/v2/", {}).url ==
          "https://reg.test:5000/token");
    CHECK(judge_realm("//reg.test/token", "https://reg.test/v2/", {}).url ==
          "https://reg.test/token");
}

TEST_CASE("ATH-07 T-06 who may see credentials") {
    struct Row {
        const char* realm;
        const char* registry;
        bool trusted;
    };

    for (const Row& row : {
             Row{"https://reg.test/token", "https://reg.test/v2/", true},
             Row{"https://auth.docker.io/token", "https://registry-1.docker.io/v2/", true},
             Row{"https://auth.example.com/token", "https://registry.example.com/v2/", true},
             Row{"https://evil.com/token", "https://registry.example.com/v2/", false},
             Row{"https://evil.co.uk/token", "https://reg.co.uk/v2/", false},
             Row{"https://evil.github.io/token", "https://good.github.io/v2/", false},
             Row{"https://127.0.0.2/token", "https://127.0.0.1/v2/", false},
             Row{"https://localhost/token", "https://127.0.0.1/v2/", false},
             Row{"https://registry.example.com.evil.com/", "https://registry.example.com/v2/",
                 false},
         }) {
        CAPTURE(row.realm);
        CHECK(judge_realm(row.realm, row.registry, {}).trusted == row.trusted);
    }
    auth::AuthOptions pinned;
    pinned.allow_realm = [](const model::RegistryHost& registry, std::string_view host) {
        return registry.str() == "reg.test" && host == "tokens.test";
    };
    CHECK(judge_realm("https://tokens.test/t", "https://reg.test/v2/", pinned).trusted);
}

TEST_CASE("TLS-09 T-06 a token server that nobody verifies sees no credentials") {
    auth::AuthOptions rules;
    rules.allow_credentials = [](const model::RegistryHost& host) {
        return host.str() != "auth.example.com:443";
    };
    CHECK_FALSE(
        judge_realm("https://auth.example.com/t", "https://reg.example.com/v2/", rules).trusted);
    CHECK(judge_realm("https://auth2.example.com/t", "https://reg.example.com/v2/", rules).trusted);
}
