#include <atomic>
#include <set>

#include "regtool/base/error.hpp"
#include "regtool/http/curl_client.hpp"
#include "support/catch.hpp"
#include "support/raw_server.hpp"

using namespace regtool;
using namespace regtool::http;
using test::http_reply;
using test::RawServer;

namespace {

std::unique_ptr<HttpClient> make_client() {
    static base::NullLog log;
    ClientOptions options;
    options.window = 20;
    return make_curl_client(std::move(options), log);
}

RequestProducer produce(std::size_t& next, std::size_t count, const std::string& url) {
    return [&next, count, url] {
        NextRequest produced;
        if (next < count) {
            produced.state = NextRequest::State::ready;
            produced.tag = next;
            produced.request.url = url + "/" + std::to_string(next++);
        }
        return produced;
    };
}

}  // namespace

TEST_CASE("RAT-05 many requests each get their own answer") {
    RawServer server([](const std::string& request) {
        const std::string path = request.substr(5, request.find(' ', 5) - 5);
        return RawServer::Reply{http_reply(200, {}, path), false};
    });
    std::size_t next = 0;
    std::set<std::size_t> seen;
    make_client()->send_many(produce(next, 300, server.url()),
                             [&](Completion completion) {
                                 const auto& response = std::get<HttpResponse>(completion.result);
                                 CHECK(response.body == std::to_string(completion.tag));
                                 seen.insert(completion.tag);
                             },
                             {});
    CHECK(seen.size() == 300);
}

TEST_CASE("F-40 one failure is one result, the others go on") {
    RawServer server([](const std::string& request) {
        return request.starts_with("GET /3 ") ? RawServer::Reply{"garbage\r\n\r\n"}
                                              : RawServer::Reply{http_reply(200, {}, "")};
    });
    std::size_t next = 0;
    int good = 0;
    int bad = 0;
    make_client()->send_many(
        produce(next, 10, server.url()),
        [&](const Completion& completion) {
            ++(std::holds_alternative<HttpResponse>(completion.result) ? good : bad);
        },
        {});
    CHECK(good == 9);
    CHECK(bad == 1);
}

TEST_CASE("RDR-01 redirects are followed there too") {
    RawServer server([](const std::string& request) {
        return RawServer::Reply{request.starts_with("GET /moved ")
                                    ? http_reply(200, {}, "here")
                                    : http_reply(302, {"Location: /moved"}, "")};
    });
    std::size_t next = 0;
    std::string body;
    make_client()->send_many(produce(next, 1, server.url()),
                             [&](const Completion& completion) {
                                 body = std::get<HttpResponse>(completion.result).body;
                             },
                             {});
    CHECK(body == "here");
}

TEST_CASE("F-23 a stop ends it") {
    RawServer server([](const std::string&) { return RawServer::Reply{"", true, 20'000}; });
    std::stop_source stop;
    stop.request_stop();
    std::size_t next = 0;
    CHECK_THROWS_AS(make_client()->send_many(
                        produce(next, 5, server.url()), [](const Completion&) {}, stop.get_token()),
                    base::Cancelled);
}
