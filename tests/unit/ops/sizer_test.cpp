#include "regtool/ops/sizer.hpp"

#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

TEST_CASE("shared and unique bytes of the platforms of an index") {
    test::MemoryStore store;
    test::NoProgress progress;
    const std::string shared(1000, 's');
    const std::string a = store.add_image({shared, "a"}, test::config_of("amd64"));
    const std::string b = store.add_image({shared, "bb"}, test::config_of("arm64"));
    store.add_index({{a, "amd64"}, {b, "arm64"}});
    const auto report =
        ops::measure_size(store, std::nullopt, ops::ReadLayers::no, 2, progress, {});
    REQUIRE(report.platforms.size() == 2);
    for (const auto& platform : report.platforms) {
        CHECK(platform.shared == 1000);
        CHECK(platform.shared + platform.unique == platform.compressed);
    }
    CHECK(report.total < report.platforms[0].compressed + report.platforms[1].compressed +
                             store.root({}).bytes().size());
}

TEST_CASE("unpacked sizes are those of the tar streams") {
    test::MemoryStore store;
    test::NoProgress progress;
    const std::string tar = test::TarBuilder().file("f", "content").finish();
    store.add_image({tar}, test::config_of("amd64"));
    const auto report =
        ops::measure_size(store, std::nullopt, ops::ReadLayers::yes, 2, progress, {});
    CHECK(report.platforms.at(0).unpacked == tar.size());
}
