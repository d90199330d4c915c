#include "http/redirect.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::http;

namespace {

HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.authorization = base::Secret("Bearer canary");
    request.headers.add("Accept", "a/b");
    request.headers.add("Range", "bytes=5-");
    request.headers.add("X-Custom", "canary");
    return request;
}

HttpResponse redirect(const RedirectChain& chain, int status, std::vector<std::string> locations) {
    HttpResponse response;
    response.status = status;
    response.url = chain.request().url;
    for (std::string& location : locations) {
        response.headers.add("Location", std::move(location));
    }
    return response;
}

}  // namespace

TEST_CASE("RDR-01 the five statuses are followed, ten hops and no more") {
    for (const int status : {301, 302, 303, 307, 308}) {
        RedirectChain chain(get("https://h/1"));
        CHECK(chain.follow(redirect(chain, status, {"/2"})));
        CHECK(chain.request().url == "https://h/2");
    }
    RedirectChain chain(get("https://h/0"));
    for (int hop = 1; hop <= 10; ++hop) {
        CHECK(chain.follow(redirect(chain, 302, {"/" + std::to_string(hop)})));
    }
    CHECK_THROWS_AS(chain.follow(redirect(chain, 302, {"/11"})), base::RegistryError);
}

TEST_CASE("RDR-02 T-05 secrets stay with scheme, host and port") {
    for (const char* target :
         {"https://evil.test/", "https://h:444/", "https://h.evil.test/", "https://127.0.0.1/"}) {
        CAPTURE(target);
        RedirectChain chain(get("https://h/"));
        CHECK(chain.follow(redirect(chain, 307, {target})));
        CHECK(chain.crossed_origin());
        CHECK_FALSE(chain.request().authorization);
        CHECK_FALSE(chain.request().headers.get("X-Custom"));
        CHECK(chain.request().headers.get("Range") == "bytes=5-");
        CHECK(chain.request().headers.get("Accept") == "a/b");
    }
    for (const char* target : {"/x", "https://H/", "https://h.:443/y", "//h/z"}) {
        CAPTURE(target);
        RedirectChain chain(get("https://h/"));
        CHECK(chain.follow(redirect(chain, 307, {target})));
        CHECK(chain.request().authorization);
    }
}

TEST_CASE("RDR-03 what was dropped does not come back") {
    RedirectChain chain(get("https://a/"));
    CHECK(chain.follow(redirect(chain, 302, {"https://b/"})));
    CHECK(chain.follow(redirect(chain, 302, {"https://a/"})));
    CHECK_FALSE(chain.request().authorization);
    CHECK(chain.crossed_origin());
}

TEST_CASE("RDR-04 T-19 https to http and other schemes are errors") {
    for (const char* target : {"http://h/", "file:///etc/passwd", "ftp://h/", "gopher://h/"}) {
        CAPTURE(target);
        RedirectChain chain(get("https://h/"));
        CHECK_THROWS_AS(chain.follow(redirect(chain, 302, {target})), base::RegistryError);
    }
}

TEST_CASE("RDR-06 RDR-10 unusable Locations") {
    for (const std::vector<std::string>& locations :
         {std::vector<std::string>{}, {""}, {"/a", "/b"}, {"https://user@h/"}, {"https://h/ x"}}) {
        RedirectChain chain(get("https://h/"));
        CHECK_THROWS_AS(chain.follow(redirect(chain, 302, locations)), base::RegistryError);
    }
    RedirectChain chain(get("https://h/"));
    CHECK(chain.follow(redirect(chain, 302, {"/a", "/a"})));
}

TEST_CASE("RDR-08 ATH-21 bodies and token requests are not redirected") {
    HttpRequest put = get("https://h/");
    put.method = Method::put;
    RedirectChain upload(put);
    CHECK_FALSE(upload.follow(redirect(upload, 307, {"/x"})));
    HttpRequest token = get("https://h/");
    token.follow_redirects = false;
    RedirectChain refused(token);
    CHECK_FALSE(refused.follow(redirect(refused, 302, {"/x"})));
}

TEST_CASE("T-08 a hop remembers who named it") {
    RedirectChain chain(get("https://a/1"));
    CHECK(chain.request().named_by.empty());
    CHECK(chain.follow(redirect(chain, 302, {"https://b/2"})));
    CHECK(chain.request().named_by == "https://a/1");
}
