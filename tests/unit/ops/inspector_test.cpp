#include "regtool/ops/inspector.hpp"

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

TEST_CASE("what is said of an image") {
    test::MemoryStore store;
    store.add_image(
        {"one", "two!"},
        test::config_of("amd64", R"(,"config":{"Entrypoint":["/e"],"Labels":{"k":"v"}})"));
    const auto report = ops::inspect(store, std::nullopt, {});
    CHECK(report.digest == store.root({}).digest().str());
    CHECK(report.entrypoint == std::vector<std::string>{"/e"});
    CHECK(report.labels.at("k") == "v");
    CHECK(report.layers.size() == 2);
}

TEST_CASE("an index without this machine's platform is still described") {
    test::MemoryStore store;
    store.add_index({{store.add_image({"a"}, test::config_of("s390x")), "s390x"}});
    CHECK(ops::inspect(store, std::nullopt, {}).platforms.size() == 1);
    CHECK_THROWS_AS(ops::inspect(store, model::Platform::parse("linux/riscv64"), {}),
                    base::UsageError);
}

TEST_CASE("DIF-04 an image's ID is the digest of its configuration, beside the manifest's") {
    test::MemoryStore store;
    const std::string config = test::config_of("amd64");
    store.add_index({{store.add_image({"a"}, config), "amd64"}});
    const auto report = ops::inspect(store, model::Platform::parse("linux/amd64"), {});
    CHECK(report.image_id == model::Digest::sha256_of(config).str());
    CHECK(report.digest == store.root({}).digest().str());
    CHECK(report.image_digest == store.root({}).index()->manifests.at(0).digest.str());
    CHECK(report.image_id != report.image_digest);
}
