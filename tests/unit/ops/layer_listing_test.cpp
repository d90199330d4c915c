#include "regtool/ops/layer_listing.hpp"

#include "support/catch.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

std::string sample_tar() {
    return test::TarBuilder()
        .directory("d/")
        .file("d/f", "x")
        .file("d/.wh.gone", "")
        .file("d/.wh..wh..opq", "")
        .finish();
}

}  // namespace

TEST_CASE("LAY-28 entries in archive order, whiteouts marked, digest checked at the end") {
    test::MemoryStore store;
    test::NoProgress progress;
    store.add_image({sample_tar()}, test::config_of("amd64"));
    const model::Descriptor descriptor = store.root({}).image()->layers[0];
    std::vector<ops::LayerEntryRow> rows;
    const auto summary = ops::list_layer(
        store, descriptor,
        [&](const layer::Entry& entry) { rows.push_back(ops::row_of(entry, 3)); }, progress, {});
    REQUIRE(rows.size() == 4);
    CHECK(summary.entries == 4);
    CHECK(rows[1].path == "d/f");
    CHECK(rows[1].layer == 3);
    CHECK(rows[1].whiteout.empty());
    CHECK(rows[2].whiteout == "deletes");
    CHECK(rows[3].whiteout == "opaque");
    CHECK(progress.last.load() == ops::TransferEnd::done);
    CHECK(ops::measure_unpacked(store, descriptor, progress, {}) == sample_tar().size());
}

TEST_CASE("T-01 a layer of other bytes is an integrity error") {
    test::MemoryStore store;
    test::NoProgress progress;
    store.add_image({sample_tar()}, test::config_of("amd64"));
    const model::Descriptor descriptor = store.root({}).image()->layers[0];
    std::string other = sample_tar();
    other[600] ^= 1;
    store.spoil(descriptor.digest.str(), other);
    CHECK_THROWS_AS(ops::list_layer(store, descriptor, [](const layer::Entry&) {}, progress, {}),
                    base::IntegrityError);
    CHECK(progress.last.load() == ops::TransferEnd::failed);
}
