#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "serve/refusal.hpp"
#include "serve/storage.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::serve;

TEST_CASE("memory is a bound over all blobs, given back by what goes") {
    const auto storage = make_memory_storage(10);
    const auto digest = model::Digest::sha256_of("12345678");
    {
        auto blob = storage->begin_blob();
        blob->append(base::as_bytes("12345678"));
        storage->commit(std::move(blob), digest);
    }
    {
        auto blob = storage->begin_blob();
        CHECK_THROWS_AS(blob->append(base::as_bytes("abc")), Refusal);
    }
    CHECK(storage->remove_blob(digest));
    CHECK_FALSE(storage->remove_blob(digest));
    auto blob = storage->begin_blob();
    blob->append(base::as_bytes("0123456789"));
    CHECK(blob->size() == 10);
}

TEST_CASE("an edit that throws changes nothing") {
    const auto storage = make_memory_storage(10);
    const IndexState before = storage->index("");
    CHECK_THROWS_AS(storage->edit_index([](nlohmann::ordered_json& index) {
        index["manifests"].push_back(1);
        throw Refusal(400, "X", "no");
    }),
                    Refusal);
    CHECK(storage->index(before.stamp).stamp == before.stamp);
    storage->edit_index([](nlohmann::ordered_json& index) { index["x"] = 1; });
    CHECK(storage->index(before.stamp).text.find("\"x\":1") != std::string::npos);
}
