#include "support/catch.hpp"
#include "unit/ops/copy_lab.hpp"

using namespace regtool;
using test::copy;
using test::digest_in;
using test::MultiArch;

TEST_CASE("MED-28 a child that the source lacks stays out where it may") {
    const MultiArch image;
    const std::string lost = digest_in(image.arm);
    image.store->forget(lost);
    ops::CopyOptions options;
    options.allow_missing = true;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    target.takes_sparse = true;
    const ops::CopyReport report = copy(image.store, target, options);
    CHECK(target.names.at("v1") == digest_in(image.index));
    CHECK(model::Digest::sha256_of(target.manifests.at(digest_in(image.index))).str() ==
          digest_in(image.index));
    CHECK(target.manifests.contains(digest_in(image.amd)));
    REQUIRE(report.missing.size() == 1);
    CHECK(report.missing[0].digest == lost);
    CHECK(report.missing[0].platform == "linux/arm64");
    CHECK(report.missing[0].index == digest_in(image.index));
    CHECK(report.missing[0].size > 0);
    CHECK(report.manifests_moved == 2);
}

TEST_CASE("MED-28 a second copy brings what has come meanwhile, though the name stays") {
    const MultiArch image;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    target.names["v1"] = digest_in(image.index);
    target.manifests[digest_in(image.index)] = "there";
    ops::CopyOptions options;
    options.allow_missing = true;
    const ops::CopyReport report = copy(image.store, target, options);
    CHECK(report.missing.empty());
    CHECK(target.manifests.contains(digest_in(image.arm)));
}

TEST_CASE(
    "MED-28 what one source lacks and another has is not missing, and goes before its index") {
    const MultiArch sparse;
    sparse.store->forget(digest_in(sparse.arm));
    const MultiArch whole;
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));  // takes no sparse index
    ops::CopyOptions options;
    options.allow_missing = true;
    test::NoProgress progress;
    const ops::CopyReport report = ops::copy_images({{sparse.store, {"a"}}, {whole.store, {"b"}}},
                                                    target, options, progress, {});
    CHECK(report.missing.empty());
    CHECK(target.names.size() == 2);
}

TEST_CASE("MED-28 only an absent child may be missing: all else fails as ever") {
    MultiArch image;
    test::MemoryTarget target;
    target.takes_sparse = true;
    ops::CopyOptions options;
    options.allow_missing = true;
    SECTION("a layer of what is there") {
        image.store->forget(model::Digest::sha256_of("arm layer").str());
    }
    SECTION("a child of other bytes") {
        image.store->spoil(digest_in(image.arm), "{}");
    }
    SECTION("a single platform that is not there") {
        image.store->forget(digest_in(image.arm));
        options.platforms = {model::Platform::parse("linux/arm64")};
    }
    CHECK_THROWS_AS(copy(image.store, target, options), base::Error);
    CHECK(target.names.empty());
}

TEST_CASE("MED-28 a target that wants all children says which are missing") {
    const MultiArch image;
    image.store->forget(digest_in(image.arm));
    test::MemoryTarget target(model::Repository::parse("reg.test/r"));
    ops::CopyOptions options;
    options.allow_missing = true;
    try {
        (void)copy(image.store, target, options);
        FAIL("nothing was thrown");
    } catch (const base::RegistryError& error) {
        CHECK(error.context().back() ==
              "missing in the source: " + digest_in(image.arm) + " (linux/arm64)");
        CHECK(error.hint().find("oci:DIR") != std::string::npos);
    }
    CHECK(target.names.empty());
}
