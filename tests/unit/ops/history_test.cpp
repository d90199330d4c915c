#include "regtool/ops/history.hpp"

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

TEST_CASE("DIF-06 steps are matched with layers, empty ones left out") {
    test::MemoryStore store;
    store.add_image({"one", "three"}, test::config_of("amd64", R"(,"history":[{"created_by":"a"},
        {"created_by":"b","empty_layer":true},{"created_by":"c"}])"));
    const auto report = ops::read_history(store, std::nullopt, {});
    REQUIRE(report.steps.size() == 3);
    CHECK(report.matched);
    CHECK(report.steps[0].layer == 0U);
    CHECK(report.steps[1].empty);
    CHECK_FALSE(report.steps[1].layer);
    CHECK(report.steps[2].layer == 1U);
    CHECK(report.steps[2].size == 5U);
    CHECK(report.steps[2].layer_digest == model::Digest::sha256_of("three").str());
}

TEST_CASE("DIF-06 a history that does not fit the layers says so") {
    test::MemoryStore store;
    store.add_image({"one", "two"}, test::config_of("amd64", R"(,"history":[{"created_by":"a"}])"));
    const auto report = ops::read_history(store, std::nullopt, {});
    CHECK_FALSE(report.matched);
    CHECK_FALSE(report.steps.at(0).layer);
}
