#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using test::RegistryLab;
using test::respond;

namespace {

const model::Repository kRepository = model::Repository::parse("h.test/r");
const model::Digest kHere = model::Digest::sha256_of("here");
const model::Digest kAway = model::Digest::sha256_of("away");
const model::Digest kOdd = model::Digest::sha256_of("odd");

}  // namespace

TEST_CASE("UPL-01 many blobs are asked for by HEAD, each answer in its place") {
    RegistryLab lab([](const HttpRequest& request) {
        if (request.url.ends_with(kAway.str())) {
            return respond(404);
        }
        if (request.url.ends_with(kOdd.str()) && request.method == http::Method::head) {
            return respond(405);
        }
        if (request.method == http::Method::get) {
            return respond(206, {{"Content-Range", "bytes 0-0/77"}}, "x");
        }
        return respond(200, {{"Content-Length", "4"}});
    });
    const std::vector<model::Digest> digests{kAway, kHere, kOdd, kHere};
    const auto heads = lab.client.blob_heads(kRepository, digests, {});
    REQUIRE(heads.size() == 4);
    CHECK_FALSE(heads[0]);
    CHECK(heads[1]->size == 4U);
    CHECK(heads[2]->size == 77U);
    CHECK(heads[3]->size == 4U);
}

TEST_CASE("UPL-01 a question that is not answered is an error, not an absence") {
    RegistryLab lab([](const HttpRequest& request) {
        return request.url.ends_with(kAway.str()) ? respond(500) : respond(200);
    });
    const std::vector<model::Digest> digests{kHere, kAway, kHere};
    CHECK_THROWS_AS(lab.client.blob_heads(kRepository, digests, {}), base::RegistryError);
    CHECK_THROWS_AS(lab.client.manifest_heads(kRepository, digests, {}), base::RegistryError);
}

TEST_CASE("MAN-06 manifests are asked for by HEAD, and a HEAD that names another digest is a lie") {
    const auto handler = [](const model::Digest& named) {
        return [named](const HttpRequest& request) {
            if (request.url.ends_with(kAway.str())) {
                return respond(404);
            }
            return respond(200, {{"Docker-Content-Digest", named.str()},
                                 {"Content-Type", "application/vnd.oci.image.index.v1+json"},
                                 {"Content-Length", "9"}});
        };
    };
    const std::vector<model::Digest> digests{kAway, kHere};
    RegistryLab honest(handler(kHere));
    const auto heads = honest.client.manifest_heads(kRepository, digests, {});
    CHECK_FALSE(heads[0]);
    CHECK(heads[1]->size == 9U);
    RegistryLab liar(handler(kOdd));
    CHECK_THROWS_AS(liar.client.manifest_heads(kRepository, digests, {}), base::IntegrityError);
}

TEST_CASE("MIR-03 what stands at the target is asked at the target, not at a mirror") {
    RegistryLab lab([](const HttpRequest& request) {
        return request.url.starts_with("https://h.test/") ? respond(404) : respond(500);
    });
    lab.client.use_locations([](const model::Repository& named) {
        return registry::Locations{
            {{model::Repository::parse("mirror.test/r"), registry::Mirror::Serves::everything}},
            named};
    });
    CHECK_FALSE(lab.client.current(model::Reference::parse("h.test/r:v1"), {}));
    CHECK_FALSE(lab.client.blob_heads(kRepository, std::vector{kHere}, {}).at(0));
}
