#include "regtool/ops/retagger.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/ops/fake_registry.hpp"

using namespace regtool;
using model::Reference;

namespace {

const Reference kSource = Reference::parse("reg.test/r:t");

}  // namespace

TEST_CASE("PUT-14 the very bytes under a new name, no blob traffic") {
    test::FakeRegistry registry;
    const std::string body = " " + test::artifact("x") + "\n";
    const std::string digest = registry.add("t", body, test::kManifestType);
    const auto report = ops::retag(registry.lab.client, kSource,
                                   {kSource.with_tag("a"), kSource.with_tag("b")}, {}, {});
    CHECK(report.digest == digest);
    CHECK(registry.manifests.at("a") == body);
    CHECK(registry.manifests.at("b") == body);
    for (const auto& request : registry.lab.fake.requests()) {
        CHECK(request.url.find("/blobs/") == std::string::npos);
    }
}

TEST_CASE("PUT-09 a name that is there already is not put again") {
    test::FakeRegistry registry;
    registry.add("t", test::artifact("x"), test::kManifestType);
    registry.add("same", test::artifact("x"), test::kManifestType);
    CHECK(ops::retag(registry.lab.client, kSource, {kSource.with_tag("same")}, {}, {})
              .targets.at(0)
              .unchanged);
    for (const auto& request : registry.lab.fake.requests()) {
        CHECK(request.method != http::Method::put);
    }
}

TEST_CASE("PUT-10 F-39 conditions are looked at before anything changes") {
    test::FakeRegistry registry;
    registry.add("t", test::artifact("x"), test::kManifestType);
    registry.add("other", test::artifact("y"), test::kManifestType);
    ops::RetagOptions moved;
    moved.if_digest = model::Digest::sha256_of("before");
    CHECK_THROWS_AS(ops::retag(registry.lab.client, kSource, {kSource.with_tag("n")}, moved, {}),
                    base::PreconditionError);
    ops::RetagOptions keep;
    keep.no_clobber = true;
    CHECK_THROWS_AS(ops::retag(registry.lab.client, kSource,
                               {kSource.with_tag("n"), kSource.with_tag("other")}, keep, {}),
                    base::PreconditionError);
    CHECK_FALSE(registry.manifests.contains("n"));
}

TEST_CASE("targets as typed") {
    CHECK(ops::parse_retag_target(kSource, "v2").str() == "reg.test/r:v2");
    CHECK(ops::parse_retag_target(kSource, "reg.test/other:v2").str() == "reg.test/other:v2");
    for (const char* bad : {"elsewhere.test/r:t", "reg.test/r@sha256:x", "Upper/case", ""}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(ops::parse_retag_target(kSource, bad), base::UsageError);
    }
}
