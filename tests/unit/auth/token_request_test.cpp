#include "auth/token_request.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/fake_http.hpp"

using namespace regtool;
using namespace regtool::auth;
using test::respond;

namespace {

TokenQuestion question(bool trusted = true) {
    return {{"https://a/token?keep=1", trusted},
            "se rv&x=1",
            {"repository:r:pull", "repository:s:pull"},
            "https://h/v2/",
            "h",
            false};
}

Credentials user() {
    Credentials credentials;
    credentials.username = "u";
    credentials.password = base::Secret("p:ä");
    credentials.source = "test";
    return credentials;
}

}  // namespace

TEST_CASE("ATH-08 T-07 a token request with every value encoded") {
    test::FakeHttp http(
        [](const http::HttpRequest&) { return respond(200, {}, R"({"token":"t"})"); });
    CHECK(request_token(http, question(), user(), {}).text.reveal() == "t");
    const auto request = http.requests().at(0);
    CHECK(request.url ==
          "https://a/token?keep=1&service=se%20rv%26x%3D1&scope=repository%3Ar%3Apull"
          "&scope=repository%3As%3Apull&client_id=regtool&account=u");
    CHECK(request.authorization->reveal() == "Basic " + base::base64_encode("u:p:ä"));
    CHECK_FALSE(request.follow_redirects);
    CHECK(request.named_by == "https://h/v2/");
    CHECK(request.scopes.empty());
}

TEST_CASE("ATH-07 a strange realm is asked anonymously") {
    test::FakeHttp http(
        [](const http::HttpRequest&) { return respond(200, {}, R"({"token":"t"})"); });
    (void)request_token(http, question(false), user(), {});
    CHECK_FALSE(http.requests().at(0).authorization);
    CHECK(http.requests().at(0).url.find("account") == std::string::npos);
}

TEST_CASE("ATH-10 an identity token goes into a form, never into Basic") {
    Credentials credentials;
    credentials.identity_token = base::Secret("canary-rt&x");
    test::FakeHttp http(
        [](const http::HttpRequest&) { return respond(200, {}, R"({"access_token":"t"})"); });
    (void)request_token(http, question(), credentials, {});
    const auto request = http.requests().at(0);
    CHECK(request.method == http::Method::post);
    CHECK(request.body ==
          "grant_type=refresh_token&service=se%20rv%26x%3D1&client_id=regtool"
          "&scope=repository%3Ar%3Apull%20repository%3As%3Apull&refresh_token=canary-rt%26x");
    CHECK_FALSE(request.authorization);
}

TEST_CASE("ATH-11 ATH-30 refusals") {
    test::FakeHttp denied([](const http::HttpRequest&) {
        return respond(401, {}, R"({"errors":[{"code":"UNAUTHORIZED","message":"wrong words"}]})");
    });
    try {
        (void)request_token(denied, question(), user(), {});
        FAIL("nothing was thrown");
    } catch (const base::AccessDenied& error) {
        CHECK(error.context().at(0).find("wrong words") != std::string::npos);
        CHECK(error.hint().starts_with("regtool login h"));
    }
    CHECK(denied.requests().size() == 1);
    test::FakeHttp down([](const http::HttpRequest&) { return respond(503); });
    CHECK_THROWS_AS(request_token(down, question(), user(), {}), base::RegistryError);
}

TEST_CASE("ATH-12 ATH-13 ATH-28 replies") {
    CHECK(parse_token_reply(R"({"token":"a","access_token":"b"})", "r").text.reveal() == "a");
    CHECK(parse_token_reply(R"({"access_token":"b"})", "r").text.reveal() == "b");
    CHECK(parse_token_reply(R"({"token":"a"})", "r").lifetime.count() == 60);
    CHECK(parse_token_reply(R"({"token":"a","expires_in":300})", "r").lifetime.count() == 300);
    for (const char* strange : {"5", "-1", "0", "\"x\"", "null"}) {
        const std::string body = std::string(R"({"token":"a","expires_in":)") + strange + "}";
        CAPTURE(body);
        CHECK(parse_token_reply(body, "r").lifetime.count() == 60);
    }
    CHECK(parse_token_reply(R"({"token":"a","expires_in":1e300})", "r").lifetime.count() <= 86400);
    for (const std::string& body :
         {std::string(), std::string("[]"), std::string("{}"), std::string(R"({"token":""})"),
          std::string(R"({"token":"a b"})"), std::string(R"({"token":"a\r\nb"})"),
          R"({"token":")" + std::string(70'000, 'x') + R"("})"}) {
        CAPTURE(body.substr(0, 40));
        CHECK_THROWS_AS(parse_token_reply(body, "r"), base::RegistryError);
    }
}

TEST_CASE("BAS-02 a colon in a user name is a usage error") {
    Credentials credentials = user();
    credentials.username = "a:b";
    CHECK_THROWS_AS(basic_authorization(credentials), base::UsageError);
}

TEST_CASE("ATH-09 ATH-10 a login posts the password and asks for an identity token") {
    test::FakeHttp http([](const http::HttpRequest&) {
        return respond(200, {}, R"({"access_token":"t","refresh_token":"canary-rt"})");
    });
    TokenQuestion login = question();
    login.offline = true;
    const Token token = request_token(http, login, user(), {});
    CHECK(token.refresh_token.reveal() == "canary-rt");
    const auto request = http.requests().at(0);
    CHECK(request.method == http::Method::post);
    CHECK(request.body.starts_with("grant_type=password&"));
    CHECK(request.body.find("access_type=offline&username=u&password=p%3A%C3%A4") !=
          std::string::npos);
    CHECK_FALSE(request.authorization);
    // Anybody else's token request asks for none.
    (void)request_token(http, question(), user(), {});
    CHECK(http.requests().at(1).method == http::Method::get);
    CHECK(http.requests().at(1).url.find("offline") == std::string::npos);
}

TEST_CASE("ATH-11 a token server without forms gets the password by GET, a refresh token never") {
    for (const int status : {400, 401, 404, 405}) {
        CAPTURE(status);
        test::FakeHttp http([status](const http::HttpRequest& request) {
            return request.method == http::Method::post ? respond(status)
                                                        : respond(200, {}, R"({"token":"t"})");
        });
        TokenQuestion login = question();
        login.offline = true;
        CHECK(request_token(http, login, user(), {}).text.reveal() == "t");
        CHECK(http.requests().at(1).url.find("offline_token=true") != std::string::npos);
        CHECK(http.requests().at(1).authorization);
        Credentials credentials;
        credentials.identity_token = base::Secret("canary-rt");
        CHECK_THROWS_AS(request_token(http, login, credentials, {}), base::AccessDenied);
        CHECK(http.requests().size() == 3);
    }
}

TEST_CASE("ATH-11 CFG-14 a token server that ignores the form does not vouch for the password") {
    test::FakeHttp http([](const http::HttpRequest& request) {
        return request.method == http::Method::post
                   ? respond(200, {}, R"({"token":"canary-anonymous"})")
                   : respond(401);
    });
    TokenQuestion login = question();
    login.offline = true;
    CHECK_THROWS_AS(request_token(http, login, user(), {}), base::AccessDenied);
    CHECK(http.requests().at(1).authorization);
}

TEST_CASE("ATH-23 refused credentials are no reason to go on without them") {
    test::FakeHttp http([](const http::HttpRequest&) { return respond(401); });
    try {
        (void)request_token(http, question(), user(), {});
        FAIL("nothing was thrown");
    } catch (const base::AccessDenied& error) {
        CHECK(error.hint().find("--anonymous") != std::string::npos);
    }
    CHECK(http.requests().size() == 1);
}
