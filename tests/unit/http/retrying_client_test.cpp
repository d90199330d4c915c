#include <map>

#include "regtool/base/error.hpp"
#include "regtool/http/retry.hpp"
#include "support/catch.hpp"
#include "support/fake_http.hpp"
#include "support/manual_clock.hpp"

using namespace regtool;
using namespace regtool::http;
using namespace std::chrono_literals;
using test::respond;

namespace {

struct Lab {
    explicit Lab(test::FakeHttp::Handler handler) : fake(std::move(handler)) {}

    test::FakeHttp fake;
    test::ManualClock clock;
    test::FixedRandom random{0.5};
    base::NullLog log;
    std::unique_ptr<HttpClient> client = make_retrying_client(fake, {}, clock, random, log);
};

HttpRequest request_for(std::string url, Method method = Method::get) {
    HttpRequest request;
    request.url = std::move(url);
    request.method = method;
    return request;
}

class Collect final : public BodyReceiver {
  public:
    void on_head(const HttpResponse& /*head*/) override { ++heads; }

    void on_body(std::span<const std::byte> bytes) override { size += bytes.size(); }

    int heads = 0;
    std::size_t size = 0;
};

}  // namespace

TEST_CASE("F-11 one bad answer is forgotten, the last one is returned") {
    int calls = 0;
    Lab lab([&](const HttpRequest&) { return respond(++calls == 1 ? 503 : 200); });
    CHECK(lab.client->send(request_for("http://h/"), {}).status == 200);
    CHECK(calls == 2);
    Lab broken([](const HttpRequest&) { return respond(503); });
    CHECK(broken.client->send(request_for("http://h/"), {}).status == 503);
    CHECK(broken.fake.requests().size() == 5);
}

TEST_CASE("b.2 a chunk is never repeated blindly") {
    Lab lab([](const HttpRequest&) { return respond(503); });
    CHECK(lab.client->send(request_for("http://h/", Method::patch), {}).status == 503);
    CHECK(lab.fake.requests().size() == 1);
}

TEST_CASE("PUT-11 what is to be asked about is repeated only where nothing can have been done") {
    HttpRequest request = request_for("http://h/", Method::put);
    request.ask_before_repeat = true;
    for (const int status : {408, 429, 503}) {
        CAPTURE(status);
        int calls = 0;
        Lab lab([&](const HttpRequest&) { return respond(++calls == 1 ? status : 201); });
        CHECK(lab.client->send(request, {}).status == 201);
        CHECK(calls == 2);
    }
    for (const int status : {500, 502, 504}) {
        CAPTURE(status);
        Lab lab([&](const HttpRequest&) { return respond(status); });
        CHECK(lab.client->send(request, {}).status == status);
        CHECK(lab.fake.requests().size() == 1);
    }
    using base::TransportPhase;
    for (const TransportPhase phase :
         {TransportPhase::connect, TransportPhase::tls, TransportPhase::proxy, TransportPhase::send,
          TransportPhase::receive}) {
        const bool was_sent = phase == TransportPhase::send || phase == TransportPhase::receive;
        CAPTURE(was_sent);
        int calls = 0;
        Lab lab([&](const HttpRequest&) {
            return ++calls == 1 ? throw base::TransportError(phase, true, "cut") : respond(201);
        });
        if (was_sent) {
            CHECK_THROWS_AS(lab.client->send(request, {}), base::TransportError);
        } else {
            CHECK(lab.client->send(request, {}).status == 201);
        }
        CHECK(calls == (was_sent ? 1 : 2));
    }
}

TEST_CASE("RAT-06 a 429 pauses every request to that host") {
    int calls = 0;
    Lab lab([&](const HttpRequest& request) {
        return request.url == "http://h/" && ++calls == 1 ? respond(429, {{"Retry-After", "7"}})
                                                          : respond(200);
    });
    const auto before = lab.clock.monotonic();
    (void)lab.client->send(request_for("http://h/"), {});
    CHECK(lab.clock.monotonic() - before >= 7s);
    const auto after = lab.clock.monotonic();
    (void)lab.client->send(request_for("http://h/"), {});
    (void)lab.client->send(request_for("http://other/"), {});
    CHECK(lab.clock.monotonic() == after);
}

TEST_CASE("F-12 an hour is not waited for") {
    Lab lab([](const HttpRequest&) { return respond(429, {{"Retry-After", "3600"}}); });
    CHECK(lab.client->send(request_for("http://h/"), {}).status == 429);
    CHECK(lab.clock.sleeps().empty());
}

TEST_CASE("F-07 a download is repeated only before its first byte") {
    int calls = 0;
    Lab lab([&](const HttpRequest&) {
        return ++calls == 1 ? respond(502)
                            : respond(200, {{"X-Break-After", "10"}}, std::string(100, 'x'));
    });
    Collect collect;
    CHECK_THROWS_AS(lab.client->download(request_for("http://h/"), collect, {}),
                    base::TransportError);
    CHECK(calls == 2);
    CHECK(collect.heads == 1);
    CHECK(collect.size == 10);
}

TEST_CASE("F-05 what cannot heal is not repeated") {
    Lab lab([](const HttpRequest&) -> HttpResponse {
        throw base::TransportError(base::TransportPhase::tls, false, "certificate");
    });
    CHECK_THROWS_AS(lab.client->send(request_for("http://h/"), {}), base::TransportError);
    CHECK(lab.fake.requests().size() == 1);
}

TEST_CASE("F-23 a stop ends the waiting") {
    std::stop_source stop;
    Lab lab([&](const HttpRequest&) {
        stop.request_stop();
        return respond(503);
    });
    CHECK_THROWS_AS(lab.client->send(request_for("http://h/"), stop.get_token()), base::Cancelled);
}

TEST_CASE("RAT-06 many requests: the failed ones come again, each result once") {
    std::map<std::string, int> calls;
    Lab lab([&](const HttpRequest& request) {
        const bool bad = ++calls[request.url] == 1 && request.url.ends_with("5");
        return bad ? respond(429, {{"Retry-After", "1"}}) : respond(200);
    });
    lab.fake.when_idle = [&] { lab.clock.advance(100ms); };
    std::size_t next = 0;
    std::map<std::size_t, int> results;
    lab.client->send_many(
        [&] {
            NextRequest produced;
            if (next < 30) {
                produced.state = NextRequest::State::ready;
                produced.tag = next;
                produced.request = request_for("http://h/" + std::to_string(next));
                ++next;
            }
            return produced;
        },
        [&](Completion completion) {
            results[completion.tag] = std::get<HttpResponse>(completion.result).status;
        },
        {});
    CHECK(results.size() == 30);
    for (const auto& [tag, status] : results) {
        CHECK(status == 200);
    }
    CHECK(lab.fake.requests().size() == 33);
}

TEST_CASE("F-31 an address that ran out is asked for anew") {
    int calls = 0;
    Lab lab([&](const HttpRequest&) {
        HttpResponse response = respond(++calls == 1 ? 403 : 200);
        response.crossed_origin = true;
        return response;
    });
    Collect collect;
    CHECK(lab.client->download(request_for("http://h/"), collect, {}).status == 200);
    CHECK(calls == 2);
    calls = 0;
    CHECK(lab.client->send(request_for("http://h/", Method::head), {}).status == 403);
}

TEST_CASE("T-55 a host that fails for everybody is not hammered") {
    Lab lab([](const HttpRequest&) { return respond(503); });
    std::size_t refused = 0;
    for (int i = 0; i < 200; ++i) {
        try {
            (void)lab.client->send(request_for("http://h/"), {});
        } catch (const base::RegistryError&) {
            ++refused;
        }
    }
    CHECK(refused >= 195);
    CHECK(lab.fake.requests().size() <= 15);
    CHECK(lab.client->send(request_for("http://other/"), {}).status == 503);
}

TEST_CASE("T-55 many requests at once do not hammer a failing host either") {
    Lab lab([](const HttpRequest&) { return respond(503); });
    lab.fake.when_idle = [&] { lab.clock.advance(100ms); };
    std::size_t next = 0;
    std::map<std::size_t, int> results;
    lab.client->send_many(
        [&] {
            NextRequest produced;
            if (next < 200) {
                produced.state = NextRequest::State::ready;
                produced.tag = next++;
                produced.request = request_for("http://h/");
            }
            return produced;
        },
        [&](const Completion& completion) { ++results[completion.tag]; }, {});
    CHECK(results.size() == 200);
    CHECK(lab.fake.requests().size() <= 60);
}

TEST_CASE("RAT-03 no more requests than allowed") {
    test::FakeHttp fake([](const HttpRequest&) { return respond(200); });
    test::ManualClock clock;
    test::FixedRandom random{0.5};
    base::NullLog log;
    RetryLimits limits;
    limits.max_requests = 3;
    const auto client = make_retrying_client(fake, limits, clock, random, log);
    for (int i = 0; i < 3; ++i) {
        CHECK(client->send(request_for("http://h/"), {}).status == 200);
    }
    try {
        (void)client->send(request_for("http://h/"), {});
        FAIL("a fourth request went out");
    } catch (const base::Error& error) {
        CHECK(error.kind() == base::ErrorKind::limited);
    }
    CHECK(fake.requests().size() == 3);
}
