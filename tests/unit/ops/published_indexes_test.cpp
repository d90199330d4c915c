#include "ops/published_indexes.hpp"

#include <filesystem>
#include <fstream>

#include "ops/index_artifact.hpp"
#include "regtool/ops/indexed_contents.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "support/temp_dir.hpp"
#include "unit/ops/layer_rows.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using test::by_open;
using test::by_walk;
using test::Rows;

namespace {

std::string large_tar(const std::string& folder = "d/") {
    test::TarBuilder tar;
    tar.directory(folder);
    for (std::uint32_t i = 0; i < 40; ++i) {
        tar.file(folder + std::to_string(i), test::noise(70'000, i));
    }
    return tar.finish();
}

/// An image of one layer, and another machine that knows nothing of it.
struct Lab {
    explicit Lab(const std::string& stored) {
        store.add_image({stored}, test::config_of("amd64"));
        const model::Manifest manifest = store.root({});
        image = manifest.descriptor();
        layers = manifest.image()->layers;
    }

    std::unique_ptr<ops::LayerContents> contents(const ops::LayerIndexCache& known, bool believe) {
        ops::IndexedOptions how;
        if (believe) {
            how.published.referrers_of = image->digest;
        }
        return ops::make_indexed_contents(store, layers, progress, {}, {}, known, how);
    }

    /// What a whole read leaves.
    layer::LayerIndex index() {
        const test::TempDir elsewhere;
        const ops::LayerIndexCache another(elsewhere.path());
        (void)contents(another, false)->table(0);
        return *another.find(layers[0]);
    }

    void publish(const std::string& bytes, const model::Descriptor& about) {
        const auto digest = model::Digest::parse(store.add_blob(bytes));
        const model::Manifest artifact =
            ops::make_index_artifact(about, {{layers[0].digest, digest, bytes.size()}});
        store.attach(artifact);
    }

    void publish(const layer::LayerIndex& index) {
        publish(layer::write_layer_index(index), *image);
    }

    test::TempDir folder;
    ops::LayerIndexCache cache{folder.path()};
    test::MemoryStore store;
    test::NoProgress progress;
    std::optional<model::Descriptor> image;
    std::vector<model::Descriptor> layers;
};

}  // namespace

TEST_CASE("a published index and a stream give the same listing and the same bytes") {
    Lab lab(test::gzip(large_tar()));
    const Rows expected =
        by_open(*ops::make_full_read_contents(lab.store, lab.layers, lab.progress, {}));
    lab.publish(lab.index());
    const int read_whole = lab.store.reads[lab.layers[0].digest.str()];
    const auto contents = lab.contents(lab.cache, true);
    CHECK(contents->table(0)->size() == 41);
    CHECK(contents->fetched(0).bytes == 0);
    CHECK(contents->fetched(0).note.find("nobody but its publisher") != std::string::npos);
    CHECK(by_open(*contents) == expected);
    CHECK(by_walk(*contents) == expected);
    CHECK(contents->fetched(0).checked == ops::Checked::hearsay);
    CHECK(lab.store.reads[lab.layers[0].digest.str()] == read_whole);
    CHECK_FALSE(lab.cache.find(lab.layers[0]));  // hearsay is not kept as what is known
}

TEST_CASE("a published index is fetched once, and anew where what was kept of it was changed") {
    Lab lab(test::gzip(large_tar()));
    const std::string bytes = layer::write_layer_index(lab.index());
    lab.publish(bytes, *lab.image);
    const std::string blob = model::Digest::sha256_of(bytes).str();
    for (int i = 0; i < 3; ++i) {
        const auto contents = lab.contents(lab.cache, true);
        CHECK(contents->table(0)->size() == 41);
        CHECK(contents->fetched(0).note.find("nobody but its publisher") != std::string::npos);
        CHECK(lab.store.reads[blob] == 1);
    }
    for (const auto& file : std::filesystem::recursive_directory_iterator(lab.folder.path())) {
        if (file.path().extension() == ".blob") {
            std::ofstream(file.path(), std::ios::trunc) << bytes.substr(0, bytes.size() - 1) << "x";
        }
    }
    CHECK(lab.contents(lab.cache, true)->table(0)->size() == 41);
    CHECK(lab.store.reads[blob] == 2);
}

TEST_CASE(
    "where parts of blobs cannot be had, a file that a published index tells of is read whole") {
    Lab lab(test::gzip(large_tar()));
    lab.publish(lab.index());
    lab.store.ranges = false;
    const auto contents = lab.contents(lab.cache, true);
    (void)contents->table(0);
    CHECK(test::read_all(*contents->open(0, 10)) == test::noise(70'000, 9));
    CHECK(test::read_all(*contents->open(0, 11)) == test::noise(70'000, 10));
    CHECK(contents->fetched(0).checked == ops::Checked::digest);
    CHECK(lab.cache.find(lab.layers[0]));
}

TEST_CASE("T-42 a published index is asked for only where it may be believed") {
    Lab lab(test::gzip(large_tar()));
    lab.publish(lab.index());
    const auto unbelieving = lab.contents(lab.cache, false);
    (void)unbelieving->table(0);
    CHECK(unbelieving->fetched(0).checked == ops::Checked::digest);
    CHECK(lab.store.referrers_asked == 0);
    // What is known by a read of our own needs no hearsay.
    (void)lab.contents(lab.cache, true)->table(0);
    CHECK(lab.store.referrers_asked == 0);
}

TEST_CASE("T-42 what is no index of this layer of this image is left aside") {
    Lab lab(test::gzip(large_tar()));
    const layer::LayerIndex good = lab.index();
    const std::string bytes = layer::write_layer_index(good);
    SECTION("about another image") {
        model::Descriptor other = *lab.image;
        other.digest = model::Digest::sha256_of("other");
        lab.publish(bytes, other);
    }
    SECTION("broken") {
        lab.publish(bytes.substr(0, bytes.size() / 2), *lab.image);
    }

    SECTION("of another layer") {
        Lab other(test::gzip(large_tar("other/")));
        lab.publish(layer::write_layer_index(other.index()), *lab.image);
    }
    SECTION("larger than reading the layer is worth") {
        lab.publish(bytes + std::string(lab.layers[0].size / 3, 'x'), *lab.image);
    }
    SECTION("not to be had") {
        lab.publish(bytes, *lab.image);
        lab.store.forget(model::Digest::sha256_of(bytes).str());
    }
    SECTION("replaced by other bytes") {
        lab.publish(bytes, *lab.image);
        lab.store.spoil(model::Digest::sha256_of(bytes).str(), bytes + "x");
    }
    const auto contents = lab.contents(lab.cache, true);
    CHECK(contents->table(0)->path(0) == "d/");
    CHECK(contents->fetched(0).checked == ops::Checked::digest);
}

TEST_CASE("T-42 a published index that lies gives an error, not another file's bytes") {
    Lab lab(test::gzip(large_tar()));
    layer::LayerIndex index = lab.index();
    SECTION("of names") {
        auto table = std::make_shared<layer::LayerTable>();
        table->set_tar_bytes(index.table->tar_bytes());
        for (std::size_t i = 0; i < index.table->size(); ++i) {
            layer::Entry entry = index.table->entry(i);
            entry.path = i == 10 ? "etc/passwd" : entry.path;
            table->add(entry, (*index.table)[i].header_offset);
        }
        index.table = table;
    }
    SECTION("of hashes") {
        index.chunks.hashes.assign(index.chunks.hashes.size(), 'x');
    }

    SECTION("of places") {
        index.checkpoints.erase(index.checkpoints.begin());
    }

    lab.publish(index);
    const auto contents = lab.contents(lab.cache, true);
    const auto table = contents->table(0);
    try {
        const std::string got = test::read_all(*contents->open(0, 10));
        CHECK(got == test::noise(70'000, 9));  // where only a longer way was found
    } catch (const base::Error& error) {
        CHECK(error.hint().find("--verify") != std::string::npos);
    }
}

TEST_CASE("a layer that is read as quickly is not asked for") {
    Lab lab(test::gzip(test::TarBuilder().file("small", "x").finish()));
    (void)lab.contents(lab.cache, true)->table(0);
    CHECK(lab.store.referrers_asked == 0);
}
