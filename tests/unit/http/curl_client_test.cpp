#include "regtool/http/curl_client.hpp"

#include <atomic>
#include <thread>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/retry.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

using namespace regtool;
using namespace regtool::http;
using namespace std::chrono_literals;
using test::http_reply;
using test::RawServer;

namespace {

class Collect final : public BodyReceiver {
  public:
    void on_head(const HttpResponse& head) override { status = head.status; }

    void on_body(std::span<const std::byte> bytes) override { body += base::as_text(bytes); }

    int status = 0;
    std::string body;
};

std::unique_ptr<HttpClient> make_client(std::chrono::milliseconds stall = 10s) {
    static base::NullLog log;
    ClientOptions options;
    options.user_agent = "test/1";
    options.stall_timeout = stall;
    return make_curl_client(std::move(options), log);
}

HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    return request;
}

/// Of a server whose second request meets the hang-up on the connection that the first left open.
RawServer::Handler hanging_up_at_second(int status, std::string body = "", bool reset = false) {
    // Each connection has a thread of the server's.
    const auto calls = std::make_shared<std::atomic<int>>(0);
    return [=](const std::string&) {
        const bool hang_up = ++*calls == 2;
        RawServer::Reply reply{hang_up ? "" : http_reply(status, {}, body), hang_up};
        reply.reset = reset && hang_up;
        return reply;
    };
}

}  // namespace

TEST_CASE("what is sent and what comes back") {
    RawServer server([](const std::string&) {
        return RawServer::Reply{http_reply(200, {"X-Twice: a", "x-twice: b"}, "body")};
    });
    HttpRequest request = get(server.url() + "/v2/?q=%2F");
    request.authorization = base::Secret("Bearer t");
    request.headers.add("Accept", "a/b");
    const HttpResponse response = make_client()->send(request, {});
    CHECK(response.status == 200);
    CHECK(response.body == "body");
    CHECK(response.headers.get_all("X-Twice").size() == 2);
    const std::string sent = server.requests().at(0);
    CHECK(sent.starts_with("GET /v2/?q=%2F HTTP/1.1\r\n"));
    CHECK(sent.find("Authorization: Bearer t\r\n") != std::string::npos);
    CHECK(sent.find("User-Agent: test/1\r\n") != std::string::npos);
    CHECK(sent.find("Accept-Encoding") == std::string::npos);
}

TEST_CASE("methods and bodies") {
    RawServer server([](const std::string&) { return RawServer::Reply{http_reply(201, {}, "")}; });
    const auto client = make_client();
    for (const Method method : {Method::post, Method::put, Method::patch, Method::del}) {
        HttpRequest request = get(server.url());
        request.method = method;
        request.body = method == Method::del ? "" : std::string("a\0b", 3);
        CHECK(client->send(request, {}).status == 201);
        const std::string sent = server.requests().back();
        CHECK(sent.starts_with(std::string(to_string(method)) + " / "));
        CHECK(sent.ends_with("\r\n\r\n" + request.body));
        CHECK(sent.find("Content-Type") == std::string::npos);
    }
}

TEST_CASE("UPL-12 uploads of known and unknown size") {
    RawServer server([](const std::string&) { return RawServer::Reply{http_reply(201, {}, "")}; });
    const auto client = make_client();
    HttpRequest request = get(server.url());
    request.method = Method::put;
    const SourceFactory body = [] { return std::make_unique<stream::StringSource>("0123456789"); };
    CHECK(client->upload(request, body, 10, {}).status == 201);
    CHECK(server.requests().back().find("Content-Length: 10") != std::string::npos);
    CHECK(server.requests().back().ends_with("0123456789"));
    CHECK(client->upload(request, body, std::nullopt, {}).status == 201);
    CHECK(server.requests().back().find("Transfer-Encoding: chunked") != std::string::npos);
}

TEST_CASE("MAN-03 T-31 an encoded answer is refused") {
    for (const char* encoding : {"gzip", "br", "identity, gzip"}) {
        RawServer server([&](const std::string&) {
            return RawServer::Reply{
                http_reply(200, {std::string("Content-Encoding: ") + encoding}, "x")};
        });
        CHECK_THROWS_AS(make_client()->send(get(server.url()), {}), base::RegistryError);
    }
    RawServer server([](const std::string&) {
        return RawServer::Reply{http_reply(200, {"Content-Encoding: identity"}, "x")};
    });
    CHECK(make_client()->send(get(server.url()), {}).body == "x");
}

TEST_CASE("T-23 bodies in memory are bounded") {
    RawServer large([](const std::string&) {
        return RawServer::Reply{http_reply(200, {}, std::string(5000, 'x'))};
    });
    HttpRequest request = get(large.url());
    request.max_body_bytes = 4999;
    CHECK_THROWS_AS(make_client()->send(request, {}), base::RegistryError);
    request.max_body_bytes = 5000;
    CHECK(make_client()->send(request, {}).body.size() == 5000);
    // An error body of any size is cut, and still an answer.
    RawServer endless([](const std::string&) {
        return RawServer::Reply{http_reply(500, {}, std::string(3 << 20, 'x'))};
    });
    const HttpResponse response = make_client()->send(get(endless.url()), {});
    CHECK(response.status == 500);
    CHECK(response.body.size() <= kMaxErrorBodyBytes);
}

TEST_CASE("T-36 broken HTTP") {
    const std::string rows[] = {
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\x01z\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" +
            [] {
                std::string many;
                for (int i = 0; i < 300; ++i) {
                    many += "X-" + std::to_string(i) + ": y\r\n";
                }
                return many;
            }() +
            "Content-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n",
        [] {
            std::string interim;
            for (int i = 0; i < 50; ++i) {
                interim += "HTTP/1.1 100 Continue\r\n\r\n";
            }
            return interim + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        }(),
    };
    for (const std::string& bytes : rows) {
        CAPTURE(bytes.substr(0, 40));
        RawServer server([&](const std::string&) { return RawServer::Reply{bytes}; });
        CHECK_THROWS_AS(make_client()->send(get(server.url()), {}), base::Error);
    }
}

TEST_CASE("F-06 F-08 broken connections are errors that may heal") {
    for (const std::string& bytes :
         {std::string(), std::string("HTTP/1.1 200"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")}) {
        CAPTURE(bytes);
        RawServer server([&](const std::string&) { return RawServer::Reply{bytes}; });
        try {
            (void)make_client()->send(get(server.url()), {});
            FAIL("nothing was thrown");
        } catch (const base::TransportError& error) {
            CHECK(error.retryable());
        }
    }
}

TEST_CASE("F-09 a stall ends the transfer") {
    RawServer server([](const std::string&) { return RawServer::Reply{"", true, 20'000}; });
    const auto started = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(make_client(500ms)->send(get(server.url()), {}), base::TransportError);
    CHECK(std::chrono::steady_clock::now() - started < 5s);
}

TEST_CASE("F-10 T-30 headers that drip end with the time for all of them") {
    RawServer server([](const std::string&) {
        RawServer::Reply reply{"HTTP/1.1 200 OK\r\n" + std::string(100'000, 'x')};
        reply.drip_ms = 20;
        return reply;
    });
    CHECK_THROWS_AS(make_client(1s)->send(get(server.url()), {}), base::TransportError);
}

TEST_CASE("F-38 a connection that the server dropped meanwhile costs no failure") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        RawServer server(hanging_up_at_second(200, "x", reset));
        const auto client = make_client();
        CHECK(client->send(get(server.url()), {}).body == "x");
        CHECK(client->send(get(server.url()), {}).body == "x");
        CHECK(server.requests().size() == 3);
    }
}

TEST_CASE("F-38 an upload begins anew where the server dropped the connection") {
    RawServer server(hanging_up_at_second(201));
    const auto client = make_client();
    HttpRequest request = get(server.url());
    request.method = Method::put;
    const SourceFactory body = [] { return std::make_unique<stream::StringSource>("0123456789"); };
    CHECK(client->upload(request, body, 10, {}).status == 201);
    CHECK(client->upload(request, body, 10, {}).status == 201);
    CHECK(server.requests().size() == 3);
    CHECK(server.requests().back().ends_with("0123456789"));
}

TEST_CASE("F-38 a chunk on a connection that the server dropped is not sent twice, and may heal") {
    RawServer server(hanging_up_at_second(202));
    const auto client = make_client();
    HttpRequest request = get(server.url());
    request.method = Method::patch;
    const SourceFactory body = [] { return std::make_unique<stream::StringSource>("0123456789"); };
    CHECK(client->upload(request, body, 10, {}).status == 202);
    try {
        (void)client->upload(request, body, 10, {});
        FAIL("no error");
    } catch (const base::TransportError& error) {
        CHECK(error.retryable());
    }
    CHECK(server.requests().size() == 2);
    CHECK(client->upload(request, body, 10, {}).status == 202);
}

TEST_CASE(
    "PUT-11 what is asked about before it is repeated is not sent twice on an idle connection") {
    RawServer server(hanging_up_at_second(201));
    const auto client = make_client();
    HttpRequest request = get(server.url());
    request.method = Method::put;
    request.body = "0123456789";
    request.ask_before_repeat = true;
    CHECK(client->send(request, {}).status == 201);
    try {
        (void)client->send(request, {});
        FAIL("no error");
    } catch (const base::TransportError& error) {
        CHECK(error.retryable());
        CHECK(may_be_done(error));
    }
    CHECK(server.requests().size() == 2);
    CHECK(server.requests().back().ends_with("\r\n\r\n0123456789"));
}

TEST_CASE("PUT-11 an answer to it may take longer than bytes on their way") {
    RawServer server([](const std::string&) {
        RawServer::Reply reply{http_reply(201, {}, "")};
        reply.pause_ms = 900;
        return reply;
    });
    HttpRequest request = get(server.url());
    request.method = Method::put;
    request.body = "0123456789";
    request.ask_before_repeat = true;
    CHECK(make_client(400ms)->send(request, {}).status == 201);
}

TEST_CASE("T-25 framings that lie") {
    for (const std::string& head :
         {std::string("Content-Length: 4\r\nContent-Length: 5"), std::string("Content-Length: -4"),
          std::string("Content-Length: +4"), std::string("Content-Length: 99999999999999999999"),
          std::string("Content-Length: 5"), std::string("Transfer-Encoding: chunked")}) {
        CAPTURE(head);
        RawServer server([&](const std::string&) {
            return RawServer::Reply{"HTTP/1.1 200 OK\r\n" + head + "\r\n\r\nbody"};
        });
        CHECK_THROWS_AS(make_client()->send(get(server.url()), {}), base::Error);
    }
}

TEST_CASE("F-23 a stop ends a waiting transfer at once") {
    RawServer server([](const std::string&) { return RawServer::Reply{"", true, 20'000}; });
    std::stop_source stop;
    const std::jthread stopper([&] {
        std::this_thread::sleep_for(100ms);
        stop.request_stop();
    });
    const auto started = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(make_client()->send(get(server.url()), stop.get_token()), base::Cancelled);
    CHECK(std::chrono::steady_clock::now() - started < 2s);
}

TEST_CASE("T-54 what a receiver throws comes out as it is and ends the transfer") {
    class Thrower final : public BodyReceiver {
      public:
        void on_head(const HttpResponse& /*head*/) override {}

        void on_body(std::span<const std::byte> /*bytes*/) override {
            throw base::IntegrityError("from the receiver");
        }
    };

    RawServer server([](const std::string&) {
        return RawServer::Reply{http_reply(200, {}, std::string(100'000, 'x'))};
    });
    Thrower thrower;
    CHECK_THROWS_AS(make_client()->download(get(server.url()), thrower, {}), base::IntegrityError);
}

TEST_CASE("downloads stream 2xx bodies and collect others") {
    RawServer server([](const std::string& request) {
        return RawServer::Reply{request.starts_with("GET /good ")
                                    ? http_reply(206, {"Content-Range: bytes 0-2/3"}, "abc")
                                    : http_reply(404, {}, "why")};
    });
    Collect collect;
    CHECK(make_client()->download(get(server.url() + "/good"), collect, {}).body.empty());
    CHECK(collect.body == "abc");
    CHECK(collect.status == 206);
    Collect nothing;
    CHECK(make_client()->download(get(server.url() + "/bad"), nothing, {}).body == "why");
    CHECK(nothing.status == 0);
}

TEST_CASE("RDR-02 RDR-09 a redirect to another port gets no credentials") {
    RawServer storage(
        [](const std::string&) { return RawServer::Reply{http_reply(200, {}, "stored")}; });
    RawServer registry([&](const std::string&) {
        return RawServer::Reply{http_reply(307, {"Location: " + storage.url() + "/s?sig=1"}, "")};
    });
    HttpRequest request = get(registry.url());
    request.authorization = base::Secret("Bearer canary");
    request.headers.add("Range", "bytes=0-5");
    const HttpResponse response = make_client()->send(request, {});
    CHECK(response.body == "stored");
    CHECK(response.crossed_origin);
    CHECK(storage.requests().at(0).find("canary") == std::string::npos);
    CHECK(storage.requests().at(0).find("Range: bytes=0-5") != std::string::npos);
}

TEST_CASE("T-08 RDR-05 a stranger's word does not lead to a private address") {
    RawServer inside([](const std::string&) { return RawServer::Reply{http_reply(200, {}, "x")}; });
    HttpRequest request = get(inside.url());
    request.named_by = "https://public.example/v2/";
    CHECK_THROWS_AS(make_client()->send(request, {}), base::RegistryError);
    CHECK(inside.requests().empty());
}

TEST_CASE("T-28 no header value may end its line") {
    RawServer server([](const std::string&) { return RawServer::Reply{http_reply(200, {}, "")}; });
    for (const char* value : {"a\r\nX: y", "a\nb", "a\x01"}) {
        HttpRequest request = get(server.url());
        request.headers.add("X-Test", value);
        CHECK_THROWS_AS(make_client()->send(request, {}), base::UsageError);
        HttpRequest secret = get(server.url());
        secret.authorization = base::Secret(value);
        CHECK_THROWS_AS(make_client()->send(secret, {}), base::UsageError);
    }
    CHECK(server.requests().empty());
}

TEST_CASE("F-02 a refused connection is said to be one") {
    int port = 0;
    {
        const RawServer gone([](const std::string&) { return RawServer::Reply{}; });
        port = gone.port();
    }
    try {
        (void)make_client()->send(get("http://127.0.0.1:" + std::to_string(port)), {});
        FAIL("nothing was thrown");
    } catch (const base::TransportError& error) {
        CHECK(error.message().find("refused") != std::string::npos);
        CHECK(error.phase() == base::TransportPhase::connect);
    }
}

TEST_CASE("connections are used again") {
    RawServer server([](const std::string&) {
        return RawServer::Reply{http_reply(200, {}, "x"), false};
    });
    const auto client = make_client();
    for (int i = 0; i < 3; ++i) {
        CHECK(client->send(get(server.url()), {}).status == 200);
    }
    CHECK(server.requests().size() == 3);
}
