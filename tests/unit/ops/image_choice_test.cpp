#include "regtool/ops/image_choice.hpp"

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using namespace regtool::ops;
using model::Platform;

TEST_CASE("PLT-04 PLT-06 an index is left for the platform's image, never another in silence") {
    test::MemoryStore store;
    const std::string amd = store.add_image({"a"}, test::config_of("amd64"));
    const std::string arm = store.add_image({"b"}, test::config_of("arm64"));
    store.add_index({{amd, "amd64"}, {arm, "arm64"}});
    const ChosenImage chosen = choose_image(store, Platform::parse("linux/arm64"), {});
    CHECK(arm.find(chosen.manifest.digest().str()) != std::string::npos);
    CHECK(chosen.root.index() != nullptr);
    try {
        (void)choose_image(store, Platform::parse("linux/s390x"), {});
        FAIL("nothing was thrown");
    } catch (const base::UsageError& error) {
        std::string all = error.message();
        for (const std::string& line : error.context()) {
            all += line;
        }
        CHECK(all.find("linux/amd64, linux/arm64") != std::string::npos);
    }
}

TEST_CASE("PLT-11 a lone image is taken unless a platform is asked for that it is not") {
    test::MemoryStore store;
    store.add_image({"a"}, test::config_of("arm64"));
    CHECK_NOTHROW(choose_image(store, std::nullopt, {}));
    CHECK_NOTHROW(choose_image(store, Platform::parse("linux/arm64"), {}));
    CHECK_THROWS_AS(choose_image(store, Platform::parse("linux/amd64"), {}), base::UsageError);
}

TEST_CASE("MED-27 indexes in indexes") {
    test::MemoryStore store;
    std::string child = store.add_image({"a"}, test::config_of("amd64"));
    for (int i = 0; i < 3; ++i) {
        child = store.add_index({{child, "amd64"}});
    }
    CHECK(choose_image(store, Platform::parse("linux/amd64"), {}).manifest.image() != nullptr);
    for (int i = 0; i < 10; ++i) {
        child = store.add_index({{child, "amd64"}});
    }
    CHECK_THROWS_AS(choose_image(store, Platform::parse("linux/amd64"), {}), base::Error);
}

TEST_CASE("PLT-12 an index without a platform is opened where nothing else fits") {
    test::MemoryStore store;
    const std::string type = "application/vnd.oci.image.index.v1+json";
    const std::string amd = store.add_image({"a"}, test::config_of("amd64"));
    const std::string arm = store.add_image({"b"}, test::config_of("arm64"));
    const std::string riscv = store.add_image({"c"}, test::config_of("riscv64"));
    const auto list = [](const std::string& entries) {
        return R"({"schemaVersion":2,"manifests":[)" + entries + "]}";
    };
    const auto with = [](const std::string& entry, const std::string& arch) {
        return entry.substr(0, entry.size() - 1) + R"(,"platform":{"os":"linux","architecture":")" +
               arch + "\"}}";
    };
    const std::string first = store.add_document(type, list(with(amd, "amd64")));
    const std::string second = store.add_document(type, list(with(arm, "arm64")));
    store.add_document(type, list(first + "," + second + "," + with(riscv, "riscv64")));

    const auto chosen = [&](const std::string& platform) {
        const auto found = choose_image(store, Platform::parse(platform), {});
        CHECK(found.platform->str() == platform);
        return found.manifest.digest().str();
    };
    CHECK(amd.find(chosen("linux/amd64")) != std::string::npos);
    CHECK(arm.find(chosen("linux/arm64")) != std::string::npos);
    store.reads.clear();
    CHECK(riscv.find(chosen("linux/riscv64")) != std::string::npos);
    CHECK(store.reads.size() == 1);  // nothing was opened for what the index offers itself
    try {
        (void)choose_image(store, Platform::parse("linux/s390x"), {});
        FAIL("nothing was thrown");
    } catch (const base::UsageError& error) {
        CHECK(error.context().at(0) == "on offer: linux/riscv64, linux/amd64, linux/arm64");
    }
}

TEST_CASE("the root's manifest, or with a platform the one below") {
    test::MemoryStore store;
    store.add_index({{store.add_image({"a"}, test::config_of("amd64")), "amd64"}});
    CHECK(choose_manifest(store, std::nullopt, {}).index() != nullptr);
    CHECK(choose_manifest(store, Platform::parse("linux/amd64"), {}).image() != nullptr);
}

TEST_CASE("layers by number, from the top, by digest") {
    test::MemoryStore store;
    store.add_image({"one", "two", "three"}, test::config_of("amd64"));
    const model::Manifest manifest = store.root({});
    const model::ImageManifest& image = require_image(manifest, "x");
    CHECK(select_layer(image, "0") == 0);
    CHECK(select_layer(image, "-1") == 2);
    CHECK(select_layer(image, "last") == 2);
    CHECK(select_layer(image, "-3") == 0);
    const std::string digest = image.layers[1].digest.str();
    CHECK(select_layer(image, digest) == 1);
    CHECK(select_layer(image, digest.substr(0, 15)) == 1);
    CHECK(select_layer(image, digest.substr(7, 8)) == 1);
    for (const char* bad : {"3", "-4", "", "x", "sha256:", "1.5", "99999999999999999999"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(select_layer(image, bad), base::UsageError);
    }
}

TEST_CASE("T-01 a configuration is verified") {
    test::MemoryStore store;
    store.add_image({"a"}, test::config_of("amd64"));
    const model::Manifest manifest = store.root({});
    CHECK(fetch_config(store, manifest, {}) == test::config_of("amd64"));
    store.spoil(manifest.image()->config.digest.str(), test::config_of("arm64"));
    CHECK_THROWS_AS(fetch_config(store, manifest, {}), base::IntegrityError);
}
