#include "serve/target.hpp"

#include "serve/refusal.hpp"
#include "support/catch.hpp"

using namespace regtool::serve;

namespace {

int refusal_of(std::string_view text) {
    try {
        (void)parse_target(text);
    } catch (const Refusal& refusal) {
        return refusal.status();
    }
    return 0;
}

}  // namespace

TEST_CASE("every endpoint of the specification is told from its path") {
    CHECK(parse_target("/v2/").endpoint == Endpoint::base);
    CHECK(parse_target("/v2").endpoint == Endpoint::base);
    CHECK(parse_target("/v2/_catalog?n=1").endpoint == Endpoint::catalog);
    const Target tags = parse_target("/v2/a/b/tags/list");
    CHECK(tags.endpoint == Endpoint::tags);
    CHECK(tags.repository == "a/b");
    const Target manifest = parse_target("/v2/a/manifests/v1");
    CHECK(manifest.endpoint == Endpoint::manifest);
    CHECK(manifest.item == "v1");
    const Target blob = parse_target("/v2/a/blobs/sha256%3Aabc");
    CHECK(blob.endpoint == Endpoint::blob);
    CHECK(blob.item == "sha256:abc");
    CHECK(parse_target("/v2/a/blobs/uploads/").endpoint == Endpoint::uploads);
    CHECK(parse_target("/v2/a/blobs/uploads").endpoint == Endpoint::uploads);
    const Target upload = parse_target("/v2/a/blobs/uploads/id1?digest=x");
    CHECK(upload.endpoint == Endpoint::upload);
    CHECK(upload.item == "id1");
    CHECK(upload.parameter("digest") == "x");
    CHECK(parse_target("/v2/a/referrers/sha256:abc").endpoint == Endpoint::referrers);
}

TEST_CASE("a repository may have parts that are words of the API") {
    const Target target = parse_target("/v2/blobs/uploads/manifests/tags/list/manifests/v1");
    CHECK(target.endpoint == Endpoint::manifest);
    CHECK(target.repository == "blobs/uploads/manifests/tags/list");
}

TEST_CASE("query values are decoded, and a plus stays one") {
    const Target target = parse_target(
        "/v2/a/referrers/d?artifactType=application%2Fx.y%2Bjson&b=a+b&b=2&c&=&%3d=%26");
    CHECK(target.parameter("artifactType") == "application/x.y+json");
    CHECK(target.parameter("b") == "a+b");
    CHECK(target.parameter("c") == "");
    CHECK(target.parameter("=") == "&");
    CHECK_FALSE(target.parameter("d"));
}

TEST_CASE("T-13 paths that lead elsewhere are refused") {
    for (const char* path :
         {"", "/", "/v1/", "/v2x", "/v2/a", "/v2/a/tags", "/v2/a/manifests/", "/v2/manifests/v1",
          "/v2/tags/list", "/v2/a/b/c", "//v2/a/tags/list"}) {
        CHECK(refusal_of(path) == 404);
    }
    for (const char* path : {"/v2/../tags/list", "/v2/a/../b/tags/list", "/v2/A/tags/list",
                             "/v2/a//b/tags/list", "/v2/%2e%2e/tags/list", "/v2/a%00/tags/list",
                             "/v2/a%/tags/list", "/v2/a/tags/list?x=%4", "/v2/a%zz/tags/list"}) {
        CHECK(refusal_of(path) == 400);
    }
    CHECK(refusal_of("/v2/" + std::string(kMaxTargetBytes, 'a')) == 414);
}
