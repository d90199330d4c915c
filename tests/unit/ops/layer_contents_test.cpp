#include "regtool/ops/layer_contents.hpp"

#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;

namespace {

struct Lab {
    explicit Lab(const std::vector<std::string>& tars, ops::FullReadOptions options = {}) {
        store.add_image(tars, test::config_of("amd64"));
        layers = store.root({}).image()->layers;
        contents = ops::make_full_read_contents(store, layers, progress, {}, std::move(options));
    }

    test::MemoryStore store;
    test::NoProgress progress;
    std::vector<model::Descriptor> layers;
    std::unique_ptr<ops::LayerContents> contents;
};

std::string tar_a() {
    return test::TarBuilder().directory("d").file("d/f", "content of f").file("g", "g!").finish();
}

}  // namespace

TEST_CASE("tables, single contents and walks of an image's layers") {
    Lab lab({tar_a(), test::gzip(test::TarBuilder().file("h", "upper").finish())});
    REQUIRE(lab.contents->count() == 2);
    CHECK(lab.contents->fetched(0).checked == ops::Checked::unread);
    const auto tables = ops::load_tables(*lab.contents, 2);
    CHECK(tables[0]->size() == 3);
    CHECK(tables[0]->tar_bytes() == tar_a().size());
    CHECK(tables[1]->path(0) == "h");
    CHECK(lab.contents->fetched(1).checked == ops::Checked::digest);
    CHECK(lab.contents->table(0) == tables[0]);
    CHECK(test::read_all(*lab.contents->open(0, 1)) == "content of f");
    CHECK(test::read_all(*lab.contents->open(0, 0)).empty());
    CHECK(test::read_all(*lab.contents->open(1, 0)) == "upper");

    std::string walked;
    lab.contents->walk(0, [&](std::size_t entry, stream::Source& content) {
        walked += std::to_string(entry) + test::read_all(content) + ";";
        return true;
    });
    CHECK(walked == "0;1content of f;2g!;");
}

TEST_CASE("a walk ends when it is told to") {
    const Lab lab({tar_a()});
    std::size_t visits = 0;
    lab.contents->walk(0, [&](std::size_t, stream::Source&) { return ++visits < 2; });
    CHECK(visits == 2);
}

TEST_CASE("T-01 a table of other bytes is an integrity error, and so is a walk to the end") {
    Lab lab({tar_a()});
    std::string other = tar_a();
    other[600] ^= 1;
    lab.store.spoil(lab.layers[0].digest.str(), other);
    CHECK_THROWS_AS(lab.contents->table(0), base::IntegrityError);
    CHECK(lab.contents->fetched(0).checked == ops::Checked::nothing);
    CHECK_THROWS_AS(lab.contents->walk(0, [](std::size_t, stream::Source&) { return true; }),
                    base::IntegrityError);
}

TEST_CASE("DIF-02 a layer that unpacks to something else than the configuration says") {
    const auto right = model::Digest::sha256_of(tar_a());
    const auto wrong = model::Digest::sha256_of("x");
    Lab good({tar_a()}, {.diff_ids = {right}});
    CHECK(good.contents->table(0)->size() == 3);
    Lab bad({tar_a()}, {.diff_ids = {wrong}});
    CHECK_THROWS_AS(bad.contents->table(0), base::IntegrityError);
}
