#include "http/proxy.hpp"

#include <map>

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
          "a");
    CHECK(choose_proxy(https, "", environment({{"HTTPS_PROXY", "b"}})) == "b");
    CHECK(choose_proxy(http, "", environment({{"HTTP_PROXY", "b"}})).empty());
    CHECK(choose_proxy(http, "", environment({{"http_proxy", "c"}})) == "c");
    CHECK(choose_proxy(https, "", environment({{"ALL_PROXY", "d"}})) == "d");
    CHECK(choose_proxy(https, "", environment({{"https_proxy", ""}})).empty());
}

TEST_CASE("PXY-03 loopback is not proxied unless a proxy is named") {
    const auto all = environment({{"https_proxy", "a"}, {"http_proxy", "a"}, {"all_proxy", "a"}});
    for (const char* url : {"http://localhost:5000/", "https://127.0.0.1/", "http://[::1]/"}) {
        CAPTURE(url);
        CHECK(choose_proxy(Url::parse(url), "", all).empty());
        CHECK(choose_proxy(Url::parse(url), "named", all) == "named");
    }
}
