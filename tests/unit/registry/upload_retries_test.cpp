#include "support/catch.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::kLarge;
using test::kSmall;
using test::on_nth;
using test::respond;
using test::UploadLab;

TEST_CASE("F-12 the same status for ever ends after a bounded number of requests") {
    for (const int status : {408, 429, 500, 502, 503, 504, 416, 404}) {
        for (const bool chunked : {false, true}) {
            CAPTURE(status, chunked);
            UploadLab lab;
            lab.registry.before =
                [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
                if (chunked && request.method == Method::put) {
                    return respond(405);
                }
                const bool hit = request.method == Method::put || request.method == Method::patch;
                return hit ? std::optional(respond(status)) : std::nullopt;
            };
            CHECK_THROWS_AS(lab.put(kLarge), base::Error);
            CHECK(lab.lab.fake.requests().size() <= 24);
            CHECK(lab.registry.sessions.empty());
        }
    }
}

TEST_CASE("F-12 an upload is repeated as often as is wanted") {
    for (const int retries : {0, 1, 3}) {
        CAPTURE(retries);
        UploadLab lab;
        lab.lab.client.use_retries(retries);
        int refused = 0;
        lab.registry.before = [&](const HttpRequest& request) -> std::optional<http::HttpResponse> {
            if (request.method != Method::put) {
                return std::nullopt;
            }
            ++refused;
            return respond(503);
        };
        CHECK_THROWS_AS(lab.put(kSmall), base::RegistryError);
        CHECK(refused == retries + 1);
    }
}

TEST_CASE("F-12 Retry-After is waited for") {
    UploadLab lab;
    lab.registry.before = on_nth(Method::put, 1, [](const HttpRequest&) {
        return std::optional(respond(429, {{"Retry-After", "7"}}));
    });
    lab.put(kSmall);
    CHECK(lab.has(kSmall));
    CHECK(lab.lab.clock.sleeps() ==
          std::vector<std::chrono::milliseconds>{std::chrono::seconds(7)});
}
