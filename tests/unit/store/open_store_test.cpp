#include "regtool/store/open_store.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;

TEST_CASE("REF-05 an IMAGE in a registry") {
    test::RegistryLab lab([](const http::HttpRequest&) { return test::respond(404); });
    const std::string digest = model::Digest::sha256_of("x").str();
    const auto store = store::open_image("docker://alpine:3@" + digest, lab.client);
    CHECK(store->name() == "alpine:3@" + digest);
    CHECK(store->repository_name() == "alpine");
    CHECK(store->named_digest()->str() == digest);
    CHECK_THROWS_AS(store->root({}), base::NotFound);
    CHECK_FALSE(store->blob_info(model::Digest::parse(digest), {}));
    CHECK_FALSE(store::open_image("alpine", lab.client)->named_digest());
    CHECK_THROWS_AS(store::open_image("Alpine", lab.client), base::UsageError);
}
