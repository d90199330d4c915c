#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using test::RegistryLab;
using test::respond;

namespace {

const model::Repository kRepository = model::Repository::parse("reg.test/r");
const std::string kBlob(10'000, 'b');

stream::Expectation expected(std::optional<std::uint64_t> size = kBlob.size()) {
    return {model::Digest::sha256_of(kBlob), size};
}

std::string fetch(RegistryLab& lab, const stream::Expectation& what) {
    stream::StringSink sink(1 << 20);
    (void)lab.client.fetch_blob(kRepository, what, sink, {});
    return sink.text();
}

std::uint64_t first_of(const HttpRequest& request) {
    const auto range = request.headers.get("Range");
    return range ? base::parse_decimal(range->substr(6, range->size() - 7)).value() : 0;
}

http::HttpResponse part(std::uint64_t first) {
    return respond(206,
                   {{"Content-Range", "bytes " + std::to_string(first) + "-9999/10000"},
                    {"Content-Length", std::to_string(10'000 - first)}},
                   kBlob.substr(first));
}

http::HttpResponse broken_whole() {
    return respond(200, {{"Content-Length", "10000"}, {"X-Break-After", "4000"}}, kBlob);
}

}  // namespace

TEST_CASE("BLB-01 a blob is verified while it streams") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(200, {{"Content-Length", "10000"}}, kBlob);
    });
    CHECK(fetch(lab, expected()) == kBlob);
    CHECK(fetch(lab, expected(std::nullopt)) == kBlob);
    CHECK(lab.fake.requests()[0].url.ends_with("/v2/r/blobs/" + expected().digest.str()));
}

TEST_CASE("T-01 DIG-05 wrong bytes and wrong sizes") {
    RegistryLab flipped([](const HttpRequest&) { return respond(200, {}, kBlob.substr(1) + "x"); });
    CHECK_THROWS_AS(fetch(flipped, expected()), base::IntegrityError);
    RegistryLab longer([](const HttpRequest&) { return respond(200, {}, kBlob + "x"); });
    CHECK_THROWS_AS(fetch(longer, expected()), base::IntegrityError);
    RegistryLab declared([](const HttpRequest&) {
        return respond(200, {{"Content-Length", "9"}}, "123456789");
    });
    CHECK_THROWS_AS(fetch(declared, expected()), base::IntegrityError);
}

TEST_CASE("BLB-03 F-07 a broken transfer goes on with Range and the same hash") {
    RegistryLab lab([](const HttpRequest& request) {
        const std::uint64_t first = first_of(request);
        return first == 0 ? broken_whole() : part(first);
    });
    CHECK(fetch(lab, expected()) == kBlob);
    REQUIRE(lab.fake.requests().size() == 2);
    CHECK(lab.fake.requests()[1].headers.get("Range") == "bytes=4000-");
    CHECK(lab.fake.requests()[1].url == lab.fake.requests()[0].url);
}

TEST_CASE("BLB-05 200 to a Range: what is held is passed over") {
    int calls = 0;
    RegistryLab lab([&](const HttpRequest&) {
        return ++calls == 1 ? broken_whole() : respond(200, {{"Content-Length", "10000"}}, kBlob);
    });
    CHECK(fetch(lab, expected()) == kBlob);
}

TEST_CASE("BLB-04 F-37 a wrong answer to a Range is refused") {
    for (const char* wrong :
         {"bytes 0-9999/10000", "bytes 4001-9999/10000", "bytes 4000-9999/20000", "nonsense", ""}) {
        CAPTURE(wrong);
        RegistryLab lab([&](const HttpRequest& request) {
            return first_of(request) == 0 ? broken_whole()
                                          : respond(206, {{"Content-Range", wrong}}, "x");
        });
        CHECK_THROWS_AS(fetch(lab, expected()), base::RegistryError);
    }
}

TEST_CASE("BLB-06 a 416 discards what is held and begins again once") {
    const auto answer = [](bool heals) {
        return [heals, calls = 0](const HttpRequest& request) mutable {
            ++calls;
            if (request.headers.get("Range")) {
                return respond(416, {{"Content-Range", "bytes */10000"}});
            }
            return calls == 1 || !heals ? broken_whole()
                                        : respond(200, {{"Content-Length", "10000"}}, kBlob);
        };
    };
    RegistryLab heals(answer(true));
    CHECK(fetch(heals, expected()) == kBlob);
    CHECK(heals.fake.requests().size() == 3);
    RegistryLab stays(answer(false));
    CHECK_THROWS_AS(fetch(stays, expected()), base::Error);
    CHECK(stays.fake.requests().size() < 10);
}

TEST_CASE("BLB-03 a connection that never gets anywhere is given up") {
    RegistryLab lab([](const HttpRequest& request) {
        const std::uint64_t first = first_of(request);
        auto response = first == 0 ? broken_whole() : part(first);
        response.headers.set("X-Break-After", "1");
        return response;
    });
    CHECK_THROWS_AS(fetch(lab, expected()), base::TransportError);
    CHECK(lab.fake.requests().size() < 10);
}

TEST_CASE("F-13 BLB-09 a blob that is gone or refused on the way") {
    RegistryLab lab([](const HttpRequest& request) {
        return first_of(request) == 0 ? broken_whole() : respond(404);
    });
    CHECK_THROWS_AS(fetch(lab, expected()), base::NotFound);
}

TEST_CASE("DIG-15 the empty blob") {
    RegistryLab lab([](const HttpRequest&) { return respond(200, {{"Content-Length", "0"}}); });
    CHECK(fetch(lab, {model::Digest::sha256_of(""), 0}).empty());
}

TEST_CASE("BLB-02 MAN-08 HEAD of a blob") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(200, {{"Content-Length", "7"}, {"Accept-Ranges", "bytes"}});
    });
    const auto head = lab.client.blob_head(kRepository, expected().digest, {});
    CHECK(head->size == 7U);
    CHECK(head->accepts_ranges);
    RegistryLab unknown([](const HttpRequest&) { return respond(200); });
    CHECK_FALSE(unknown.client.blob_head(kRepository, expected().digest, {})->size);
    RegistryLab absent([](const HttpRequest&) { return respond(404); });
    CHECK_FALSE(absent.client.blob_head(kRepository, expected().digest, {}));
    RegistryLab signed_for_get([](const HttpRequest& request) {
        auto response = request.method == http::Method::head
                            ? respond(403)
                            : respond(206, {{"Content-Range", "bytes 0-0/7"}}, "x");
        response.crossed_origin = true;
        return response;
    });
    CHECK(signed_for_get.client.blob_head(kRepository, expected().digest, {})->size == 7U);
}

TEST_CASE("BLB-12 part of a blob") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(206, {{"Content-Range", "bytes 2-4/10000"}}, "bbb");
    });
    stream::StringSink sink(100);
    lab.client.fetch_blob_range(kRepository, expected().digest, {2, 4}, sink, {});
    CHECK(sink.text() == "bbb");
    RegistryLab whole([](const HttpRequest&) { return respond(200, {}, kBlob); });
    CHECK_THROWS_AS(whole.client.fetch_blob_range(kRepository, expected().digest, {2, 4}, sink, {}),
                    base::RegistryError);
}

TEST_CASE("a blob to pull from ends only when verified") {
    RegistryLab lab([](const HttpRequest&) { return respond(200, {}, kBlob.substr(1) + "x"); });
    const auto source = lab.client.open_blob(kRepository, expected());
    stream::StringSink sink(1 << 20);
    CHECK_THROWS_AS(stream::pump(*source, sink), base::IntegrityError);
}
