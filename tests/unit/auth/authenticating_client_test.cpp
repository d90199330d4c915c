#include "regtool/auth/authenticating_client.hpp"

#include <atomic>
#include <thread>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/fake_http.hpp"
#include "support/manual_clock.hpp"

using namespace regtool;
using namespace regtool::auth;
using http::HttpRequest;
using http::HttpResponse;
using test::respond;

namespace {

class FixedStore final : public CredentialStore {
  public:
    explicit FixedStore(Credentials credentials) : credentials_(std::move(credentials)) {}

    Credentials get(const model::Repository&, std::stop_token) override { return credentials_; }

    Credentials get(const model::RegistryHost&, std::stop_token) override { return credentials_; }

  private:
    Credentials credentials_;
};

Credentials user() {
    Credentials credentials;
    credentials.username = "u";
    credentials.password = base::Secret("p");
    credentials.source = "test";
    return credentials;
}

struct Lab {
    explicit Lab(test::FakeHttp::Handler handler, Credentials credentials = {})
        : fake(std::move(handler)), store(std::move(credentials)) {}

    bool credentials_allowed = true;
    test::FakeHttp fake;
    FixedStore store;
    test::ManualClock clock;
    base::NullLog log;
    std::unique_ptr<http::HttpClient> client = make_authenticating_client(
        fake,
        store,
        {[](std::string_view origin) {
             return origin == "https://reg.test:443"
                        ? std::optional(model::RegistryHost::parse("reg.test"))
                        : std::nullopt;
         },
         {},
         [this](const model::RegistryHost&) { return credentials_allowed; }},
        clock,
        log);

    [[nodiscard]] int count(std::string_view prefix) const {
        int n = 0;
        for (const HttpRequest& request : fake.requests()) {
            n += request.url.starts_with(prefix) ? 1 : 0;
        }
        return n;
    }
};

HttpRequest pull(const std::string& repository) {
    HttpRequest request;
    request.url = "https://reg.test/v2/" + repository + "/manifests/t";
    request.scopes = {"repository:" + repository + ":pull"};
    return request;
}

/// A registry that wants Bearer tokens; tokens are named after what they were asked for.
HttpResponse bearer(const HttpRequest& request) {
    if (request.url.starts_with("https://reg.test/token")) {
        return respond(200, {}, R"({"token":"good","expires_in":300})");
    }
    if (request.authorization && request.authorization->reveal() == "Bearer good") {
        return respond(200);
    }
    return respond(401,
                   {{"WWW-Authenticate", R"(Bearer realm="https://reg.test/token",service="s")"}});
}

}  // namespace

TEST_CASE("ATH-08 ATH-26 one challenge, then tokens are asked for ahead") {
    Lab lab(bearer);
    CHECK(lab.client->send(pull("a"), {}).status == 200);
    CHECK(lab.client->send(pull("a"), {}).status == 200);
    CHECK(lab.client->send(pull("b"), {}).status == 200);
    CHECK(lab.count("https://reg.test/token") == 2);
    CHECK(lab.count("https://reg.test/v2/") == 4);  // one 401 in all
}

TEST_CASE("ATH-18 many threads, one token request") {
    Lab lab(bearer);
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 16; ++i) {
            threads.emplace_back([&] { good += lab.client->send(pull("a"), {}).status == 200; });
        }
    }
    CHECK(good == 16);
    CHECK(lab.count("https://reg.test/token") == 1);
}

TEST_CASE("ATH-19 a fresh token that is refused ends it") {
    Lab lab([](const HttpRequest& request) {
        return request.url.starts_with("https://reg.test/token")
                   ? respond(200, {}, R"({"token":"useless"})")
                   : respond(401,
                             {{"WWW-Authenticate", R"(Bearer realm="https://reg.test/token")"}});
    });
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    CHECK(lab.count("https://reg.test/token") == 1);
}

TEST_CASE("F-13 a token that ran out is replaced in silence") {
    int served = 0;
    Lab lab([&](const HttpRequest& request) {
        if (request.url.starts_with("https://reg.test/token")) {
            return respond(200, {}, R"({"token":"t)" + std::to_string(++served) + "\"}");
        }
        const bool good = request.authorization &&
                          request.authorization->reveal() == "Bearer t" + std::to_string(served) &&
                          served != 1;
        return good ? respond(200)
                    : respond(401,
                              {{"WWW-Authenticate", R"(Bearer realm="https://reg.test/token")"}});
    });
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    CHECK(lab.client->send(pull("a"), {}).status == 200);
}

TEST_CASE("ATH-14 a token of too small a scope is asked for anew, once") {
    int tokens = 0;
    Lab lab([&](const HttpRequest& request) {
        if (request.url.starts_with("https://reg.test/token")) {
            return respond(200, {}, R"({"token":"t)" + std::to_string(++tokens) + "\"}");
        }
        if (!request.authorization) {
            return respond(401, {{"WWW-Authenticate", R"(Bearer realm="https://reg.test/token")"}});
        }
        return request.authorization->reveal() == "Bearer t2"
                   ? respond(200)
                   : respond(403,
                             {{"WWW-Authenticate",
                               R"(Bearer realm="https://reg.test/token",)"
                               R"(scope="repository:a:pull,push",error="insufficient_scope")"}});
    });
    CHECK(lab.client->send(pull("a"), {}).status == 200);
    CHECK(lab.fake.requests().at(3).url.find("pull%2Cpush") != std::string::npos);
}

TEST_CASE("BAS-01 BAS-05 Basic is sent when asked for, and once") {
    Lab lab(
        [](const HttpRequest& request) {
            return request.authorization
                       ? respond(200)
                       : respond(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
        },
        user());
    CHECK(lab.client->send(pull("a"), {}).status == 200);
    CHECK(lab.client->send(pull("b"), {}).status == 200);
    CHECK(lab.fake.requests().size() == 3);
    CHECK(lab.fake.requests().back().authorization->reveal() ==
          "Basic " + base::base64_encode("u:p"));
    Lab refused(
        [](const HttpRequest&) {
            return respond(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
        },
        user());
    CHECK(refused.client->send(pull("a"), {}).status == 401);
    CHECK(refused.fake.requests().size() == 2);
}

TEST_CASE("BAS-04 T-05 an identity token is never sent as Basic to the registry") {
    Credentials credentials;
    credentials.username = "u";
    credentials.identity_token = base::Secret("canary-rt");
    Lab lab(
        [](const HttpRequest&) {
            return respond(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
        },
        credentials);
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    for (const HttpRequest& request : lab.fake.requests()) {
        CHECK_FALSE(request.authorization);
    }
}

TEST_CASE("ATH-22 a registry token is sent as it is") {
    Credentials credentials;
    credentials.registry_token = base::Secret("rt");
    Lab lab([](const HttpRequest&) { return respond(200); }, credentials);
    (void)lab.client->send(pull("a"), {});
    CHECK(lab.fake.requests().at(0).authorization->reveal() == "Bearer rt");
}

TEST_CASE("RDR-07 T-12 strangers get nothing") {
    Lab lab(
        [](const HttpRequest& request) {
            HttpResponse response = respond(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
            response.crossed_origin = request.url.find("/a/") != std::string::npos;
            return response;
        },
        user());
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    HttpRequest elsewhere = pull("b");
    elsewhere.url = "https://evil.test/";
    CHECK(lab.client->send(elsewhere, {}).status == 401);
    for (const HttpRequest& request : lab.fake.requests()) {
        CHECK_FALSE(request.authorization);
    }
}

TEST_CASE("ATH-24 a 401 without a challenge is the answer") {
    Lab lab([](const HttpRequest&) { return respond(401); }, user());
    CHECK(lab.client->send(pull("a"), {}).status == 401);
    CHECK(lab.fake.requests().size() == 1);
}

TEST_CASE("ATH-18 many requests at once share the token") {
    Lab lab(bearer);
    std::size_t next = 0;
    int good = 0;
    lab.client->send_many(
        [&] {
            http::NextRequest produced;
            if (next < 50) {
                produced.state = http::NextRequest::State::ready;
                produced.tag = next++;
                produced.request = pull("a");
            }
            return produced;
        },
        [&](http::Completion completion) {
            good += std::get<HttpResponse>(completion.result).status == 200 ? 1 : 0;
        },
        {});
    CHECK(good == 50);
    CHECK(lab.count("https://reg.test/token") == 1);
}

TEST_CASE("TLS-09 credentials stay at home where the certificate is not verified") {
    Lab lab(
        [](const HttpRequest& request) {
            return request.authorization
                       ? respond(200)
                       : respond(401, {{"WWW-Authenticate", "Basic realm=\"r\""}});
        },
        user());
    lab.credentials_allowed = false;
    HttpRequest request;
    request.url = "https://reg.test/v2/a/tags/list";
    request.scopes = {"repository:a:pull"};
    CHECK(lab.client->send(request, {}).status == 401);
    for (const HttpRequest& sent : lab.fake.requests()) {
        CHECK_FALSE(sent.authorization.has_value());
    }
    lab.credentials_allowed = true;
    CHECK(lab.client->send(request, {}).status == 200);
}

TEST_CASE("ATH-14 a registry that says insufficient_scope by 401, as docker's does") {
    int tokens = 0;
    const auto handler = [&tokens](const std::string& needed) {
        return [&tokens, needed](const HttpRequest& request) {
            if (request.url.starts_with("https://reg.test/token")) {
                return respond(200, {}, R"({"token":"t)" + std::to_string(++tokens) + "\"}");
            }
            if (!request.authorization) {
                return respond(401,
                               {{"WWW-Authenticate", R"(Bearer realm="https://reg.test/token")"}});
            }
            return request.authorization->reveal() == "Bearer t2"
                       ? respond(200)
                       : respond(401, {{"WWW-Authenticate",
                                        R"(Bearer realm="https://reg.test/token",scope=")" +
                                            needed + R"(",error="insufficient_scope")"}});
        };
    };
    Lab more(handler("repository:a:pull,push"));
    CHECK(more.client->send(pull("a"), {}).status == 200);
    CHECK(tokens == 2);
    // What was asked for already is not asked for again.
    tokens = 0;
    Lab same(handler("repository:a:pull"));
    CHECK(same.client->send(pull("a"), {}).status == 401);
    CHECK(tokens == 1);
}

TEST_CASE("ATH-20 an identity token of a reply goes nowhere") {
    Lab lab(
        [](const HttpRequest& request) {
            if (request.url.starts_with("https://reg.test/token")) {
                return respond(200, {}, R"({"token":"good","refresh_token":"canary-rt"})");
            }
            return request.authorization ? respond(200) : bearer(request);
        },
        user());
    CHECK(lab.client->send(pull("a"), {}).status == 200);
    CHECK(lab.client->send(pull("b"), {}).status == 200);
    for (const HttpRequest& request : lab.fake.requests()) {
        CHECK(request.url.find("canary") == std::string::npos);
        CHECK(request.body.find("canary") == std::string::npos);
        CHECK((!request.authorization ||
               request.authorization->reveal().find("canary") == std::string::npos));
    }
}

TEST_CASE("BAS-03 a password in clear text draws one warning") {
    test::FakeHttp fake([](const HttpRequest& request) {
        return request.authorization ? respond(200)
                                     : respond(401, {{"WWW-Authenticate", "Basic realm=\"r\""}});
    });

    class Warnings final : public base::Log {
      public:
        void warn(std::string_view message) noexcept override {
            ++count;
            last = message;
        }

        void info(std::string_view) noexcept override {}

        void trace(std::string_view) noexcept override {}

        [[nodiscard]] bool tracing() const noexcept override { return false; }

        int count = 0;
        std::string last;
    } log;

    FixedStore store(user());
    test::ManualClock clock;
    const auto client = make_authenticating_client(
        fake, store,
        {[](std::string_view) { return std::optional(model::RegistryHost::parse("reg.test")); },
         {},
         {}},
        clock, log);
    HttpRequest request = pull("a");
    request.url = "http://reg.test/v2/a/tags/list";
    CHECK(client->send(request, {}).status == 200);
    CHECK(client->send(request, {}).status == 200);
    CHECK(log.count == 1);
    CHECK(log.last.find("unencrypted") != std::string::npos);
}

TEST_CASE("BAS-05 a wrong password is not sent again with the next request") {
    Lab lab(
        [](const HttpRequest&) {
            return respond(401, {{"WWW-Authenticate", "Basic realm=\"x\""}});
        },
        user());
    CHECK(lab.client->send(pull("a"), {}).refused_credentials == "test");
    const HttpResponse again = lab.client->send(pull("a"), {});
    CHECK(again.status == 401);
    CHECK(again.refused_credentials == "test");
    int shown = 0;
    for (const HttpRequest& request : lab.fake.requests()) {
        shown += request.authorization ? 1 : 0;
    }
    CHECK(shown == 1);
    // Another repository may be open to the same user.
    (void)lab.client->send(pull("b"), {});
    CHECK(lab.fake.requests().back().authorization);
}
