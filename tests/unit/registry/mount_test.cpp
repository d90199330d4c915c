#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using test::RegistryLab;
using test::respond;

TEST_CASE("MNT-01 MNT-03 MNT-04 ATH-25 a mount is one POST, and a refusal is no failure") {
    for (const auto& [status, mounted] :
         {std::pair{201, true}, std::pair{202, false}, std::pair{403, false}, std::pair{404, false},
          std::pair{500, false}}) {
        CAPTURE(status);
        RegistryLab lab([code = status](const HttpRequest&) {
            return respond(code, {{"Location", "/v2/to/blobs/uploads/1"}});
        });
        CHECK(lab.client
                  .mount_blob(model::Repository::parse("h.test/from/x"),
                              model::Repository::parse("h.test/to"), model::Digest::sha256_of("b"),
                              {})
                  .mounted == mounted);
        const HttpRequest request = lab.fake.requests().at(0);
        CHECK(request.url.find("/v2/to/blobs/uploads/?mount=sha256%3A") != std::string::npos);
        CHECK(request.url.ends_with("&from=from%2Fx"));
        CHECK(request.scopes ==
              std::vector<std::string>{"repository:to:pull,push", "repository:from/x:pull"});
    }
}

TEST_CASE("MNT-02 a declined mount hands over the session that it opened") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(
            202, {{"Location", "/v2/to/blobs/uploads/1?a=b"}, {"OCI-Chunk-Min-Length", "4096"}});
    });
    const auto answer = lab.client.mount_blob(model::Repository::parse("h.test/from"),
                                              model::Repository::parse("h.test/to"),
                                              model::Digest::sha256_of("b"), {});
    REQUIRE(answer.session);
    CHECK(answer.session->location == "https://h.test/v2/to/blobs/uploads/1?a=b");
    CHECK(answer.session->min_chunk == 4096);
    lab.client.cancel_upload(model::Repository::parse("h.test/to"), *answer.session);
    CHECK(lab.fake.requests().back().method == http::Method::del);
    CHECK(lab.fake.requests().back().url == answer.session->location);
}

TEST_CASE("MNT-08 a mount that answers with another digest did not mount") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(201, {{"Docker-Content-Digest", model::Digest::sha256_of("c").str()}});
    });
    CHECK_FALSE(lab.client
                    .mount_blob(model::Repository::parse("h.test/from"),
                                model::Repository::parse("h.test/to"),
                                model::Digest::sha256_of("b"), {})
                    .mounted);
}
