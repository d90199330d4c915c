#include "http/proxy.hpp"

#include <map>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool::http;

namespace {

Environment environment(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
}

}  // namespace

TEST_CASE("PXY-01 which variable names the proxy") {
    const Url https = Url::parse("https://reg.test/");
    const Url http = Url::parse("http://reg.test/");
    CHECK(choose_proxy(https, "", environment({{"https_proxy", "a"}, {"HTTPS_PROXY", "b"}})) ==
          "http://a");
    CHECK(choose_proxy(https, "", environment({{"HTTPS_PROXY", "b"}})) == "http://b");
    CHECK(choose_proxy(http, "", environment({{"HTTP_PROXY", "b"}})).empty());
    CHECK(choose_proxy(http, "", environment({{"http_proxy", "c"}})) == "http://c");
    CHECK(choose_proxy(https, "", environment({{"ALL_PROXY", "socks5h://d"}})) == "socks5h://d");
    CHECK(choose_proxy(https, "", environment({{"https_proxy", ""}})).empty());
}

TEST_CASE("PXY-03 loopback is not proxied unless a proxy is named") {
    const auto all = environment({{"https_proxy", "a"}, {"http_proxy", "a"}, {"all_proxy", "a"}});
    for (const char* url : {"http://localhost:5000/", "https://127.0.0.1/", "http://[::1]/"}) {
        CAPTURE(url);
        CHECK(choose_proxy(Url::parse(url), "", all).empty());
        CHECK(choose_proxy(Url::parse(url), "named", all) == "http://named");
    }
}

TEST_CASE("PXY-02 no_proxy, and lower case before upper") {
    const Url url = Url::parse("https://reg.test:5000/");
    CHECK(choose_proxy(url, "", environment({{"https_proxy", "a"}, {"no_proxy", "reg.test"}}))
              .empty());
    CHECK(choose_proxy(url, "", environment({{"https_proxy", "a"}, {"NO_PROXY", "test"}})).empty());
    CHECK(choose_proxy(
              url, "",
              environment({{"https_proxy", "a"}, {"no_proxy", "x"}, {"NO_PROXY", "reg.test"}})) ==
          "http://a");
    CHECK(choose_proxy(url, "named", environment({{"no_proxy", "*"}})) == "http://named");
}

TEST_CASE("PXY-04 T-33 a proxy's password is never shown") {
    CHECK(shown_proxy("http://canary-u:canary-p@proxy.test:3128/x") == "http://proxy.test:3128");
    CHECK(shown_proxy("socks5h://proxy.test") == "socks5h://proxy.test");
    const auto broken = environment({{"https_proxy", "http://canary-u:canary/p@proxy.test:3128"}});
    try {
        (void)choose_proxy(Url::parse("https://reg.test/"), "", broken);
        FAIL("nothing was thrown");
    } catch (const regtool::base::UsageError& error) {
        CHECK(error.message().find("https_proxy") == 0);
        CHECK(error.message().find("canary") == std::string::npos);
    }
}
