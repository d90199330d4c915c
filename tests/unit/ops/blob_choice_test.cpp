#include "regtool/ops/blob_choice.hpp"

#include "support/catch.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using namespace regtool::ops;

TEST_CASE("a blob by digest, layer or configuration") {
    test::MemoryStore store;
    store.add_image({"one", "two"}, test::config_of("amd64"));
    const auto digest = model::Digest::sha256_of("one");
    CHECK(choose_blob(store, digest, {}, std::nullopt, {}).expected.digest == digest);
    const ChosenBlob layer = choose_blob(store, std::nullopt, {"-1", false}, std::nullopt, {});
    CHECK(layer.expected.digest == model::Digest::sha256_of("two"));
    CHECK(layer.expected.size == 3U);
    CHECK(choose_blob(store, std::nullopt, {"", true}, std::nullopt, {}).media_type ==
          "application/vnd.oci.image.config.v1+json");
    CHECK_THROWS_AS(choose_blob(store, std::nullopt, {}, std::nullopt, {}), base::UsageError);
}
