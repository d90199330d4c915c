#include "ops/soci_index.hpp"

#include <functional>

#include "regtool/base/error.hpp"
#include "regtool/ops/indexed_contents.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "support/temp_dir.hpp"
#include "support/ztoc_builder.hpp"
#include "unit/ops/layer_rows.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using test::by_open;
using test::by_walk;
using test::Rows;

namespace {

constexpr std::uint64_t kSpan = 200'000;
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kReferrer = "application/vnd.amazon.soci.index.v1+json";
constexpr const char* kNamed = "application/vnd.amazon.soci.index.v2+json";

std::string large_tar() {
    test::TarBuilder tar;
    tar.directory("d/");
    for (std::uint32_t i = 0; i < 40; ++i) {
        tar.file("d/" + std::to_string(i), test::noise(70'000, i));
    }
    tar.symlink("link", "d/3").file("empty", "");
    return tar.finish();
}

/// An image of one layer that SOCI may have an index of, and a machine that knows nothing of it.
struct Lab {
    explicit Lab(std::string packed = test::gzip(large_tar())) : stored(std::move(packed)) {
        store.add_image({stored}, test::config_of("amd64"));
        learn();
    }

    void learn() {
        image = store.root({});
        layers = image->image()->layers;
    }

    /// The text of an index that has this for the layer's zTOC.
    std::string index_of(const std::string& ztoc, const char* type, const std::string& about) {
        std::string blob = store.describe("application/octet-stream", ztoc);
        blob.pop_back();
        return R"({"schemaVersion":2,"mediaType":")" + std::string(kManifestType) +
               R"(","config":)" + store.describe(type, "{}") + R"(,"layers":[)" + blob +
               R"(,"annotations":{"com.amazon.soci.image-layer-digest":")" + about + R"("}}])";
    }

    void attach(const std::string& ztoc, const std::string& subject, const std::string& about) {
        store.attach(model::Manifest::parse(
            index_of(ztoc, kReferrer, about) + R"(,"subject":)" + subject + "}", ""));
    }

    void attach(const std::string& ztoc) {
        attach(ztoc, store.describe(kManifestType, image->bytes()), layers[0].digest.str());
    }

    /// The image anew, with an annotation that names the index.
    void name(const std::string& ztoc) {
        const std::string index = index_of(ztoc, kNamed, layers[0].digest.str()) + "}";
        std::string text = image->bytes();
        text.pop_back();
        store.add_document(kManifestType,
                           text + R"(,"annotations":{"com.amazon.soci.index-digest":")" +
                               store.add_blob(index) + R"("}})");
        learn();
    }

    std::unique_ptr<ops::LayerContents> contents(bool believe) {
        ops::IndexedOptions how;
        how.published.soci = ops::soci_index_of(*image->image());
        if (believe) {
            how.published.referrers_of = image->digest();
        }
        return ops::make_indexed_contents(store, layers, progress, {}, {}, cache, how);
    }

    Rows expected() { return by_open(*ops::make_full_read_contents(store, layers, progress, {})); }

    test::Ztoc ztoc() const { return test::ztoc_of_gzip(stored, large_tar(), kSpan); }

    int& reads() { return store.reads[layers[0].digest.str()]; }

    std::string stored;
    test::TempDir folder;
    ops::LayerIndexCache cache{folder.path()};
    test::MemoryStore store;
    test::NoProgress progress;
    std::optional<model::Manifest> image;
    std::vector<model::Descriptor> layers;
};

}  // namespace

TEST_CASE("BLB-12 a SOCI index that the image names and a stream give the same") {
    for (const std::string& stored :
         {test::gzip(large_tar()), test::gzip(large_tar(), 6, "layer.tar"), large_tar()}) {
        Lab lab(stored);
        const Rows expected = lab.expected();
        const bool gzip = stored != large_tar();
        lab.name(test::write_ztoc(gzip ? test::ztoc_of_gzip(stored, large_tar(), kSpan)
                                       : test::ztoc_of_tar(large_tar(), kSpan)));
        lab.reads() = 0;
        const auto contents = lab.contents(false);
        CHECK(contents->table(0)->size() == 43);
        CHECK(contents->fetched(0).bytes == 0);
        CHECK(by_open(*contents) == expected);
        CHECK(by_walk(*contents) == expected);
        CHECK(contents->fetched(0).checked == ops::Checked::parts);
        CHECK(contents->fetched(0).note.find("which the image names") != std::string::npos);
        CHECK_FALSE(contents->is_indexed(0));
        CHECK(lab.reads() == 0);
        CHECK(lab.store.referrers_asked == 0);
        CHECK_FALSE(lab.cache.find(lab.layers[0]));
    }
}

TEST_CASE("BLB-12 a SOCI index among the referrers is used where its publisher is believed") {
    Lab lab;
    const Rows expected = lab.expected();
    lab.attach(test::write_ztoc(lab.ztoc()));
    lab.reads() = 0;
    const auto contents = lab.contents(true);
    CHECK(by_open(*contents) == expected);
    CHECK(contents->fetched(0).checked == ops::Checked::hearsay);
    CHECK(contents->fetched(0).note.find("nobody but its publisher") != std::string::npos);
    CHECK(lab.reads() == 0);
    CHECK(lab.store.referrers_asked == 1);
    CHECK_FALSE(lab.cache.find(lab.layers[0]));

    const auto unbelieving = lab.contents(false);
    (void)unbelieving->table(0);
    CHECK(unbelieving->fetched(0).checked == ops::Checked::digest);
    CHECK(lab.store.referrers_asked == 1);
}

TEST_CASE("one file moves no more than the spans that hold it") {
    Lab lab;
    lab.name(test::write_ztoc(lab.ztoc()));
    const auto contents = lab.contents(false);
    (void)contents->table(0);
    CHECK(test::read_all(*contents->open(0, 20)) == test::noise(70'000, 19));
    CHECK(contents->fetched(0).bytes > 0);
    CHECK(contents->fetched(0).bytes < 3 * kSpan);
}

TEST_CASE("T-42 a SOCI index that is about something else is left aside") {
    Lab lab;
    const std::string ztoc = test::write_ztoc(lab.ztoc());
    const std::string layer = lab.layers[0].digest.str();
    SECTION("another image") {
        lab.attach(ztoc, lab.store.describe(kManifestType, "another"), layer);
    }
    SECTION("another layer") {
        lab.attach(ztoc, lab.store.describe(kManifestType, lab.image->bytes()),
                   model::Digest::sha256_of("another").str());
    }
    SECTION("a zTOC of another layer") {
        lab.attach(test::write_ztoc(test::ztoc_of_gzip(test::gzip("x"), large_tar(), kSpan)));
    }
    SECTION("no zTOC") {
        lab.attach("no zTOC");
    }
    SECTION("a zTOC that is gone") {
        lab.attach(ztoc);
        lab.store.forget(model::Digest::sha256_of(ztoc).str());
    }
    SECTION("a zTOC that was replaced") {
        lab.attach(ztoc);
        lab.store.spoil(model::Digest::sha256_of(ztoc).str(), ztoc + "x");
    }
    SECTION("larger than reading the layer is worth") {
        lab.attach(ztoc + std::string(lab.layers[0].size / 3, '\0'));
    }
    const auto contents = lab.contents(true);
    CHECK(contents->table(0)->path(0) == "d/");
    CHECK(contents->fetched(0).checked == ops::Checked::digest);
}

TEST_CASE("T-42 a SOCI index that the image names and that is of no use") {
    Lab lab;
    const std::string ztoc = test::write_ztoc(lab.ztoc());
    SECTION("is gone") {
        lab.name(ztoc);
        lab.store.forget(ops::soci_index_of(*lab.image->image())->str());
    }
    SECTION("has a zTOC that was replaced") {
        lab.name(ztoc);
        lab.store.spoil(model::Digest::sha256_of(ztoc).str(), ztoc + "x");
    }
    SECTION("has no zTOC") {
        lab.name("no zTOC");
    }
    const auto contents = lab.contents(false);
    (void)contents->table(0);
    CHECK(contents->fetched(0).checked == ops::Checked::digest);
    CHECK(contents->fetched(0).note.find("of no use") != std::string::npos);
}

TEST_CASE("T-42 a zTOC that lies: the layer is read, or an error says how to read it") {
    using Lie = std::function<void(test::Ztoc&)>;
    const std::vector<Lie> lies{
        [](test::Ztoc& z) { z.digests.assign(z.digests.size(), z.digests[0]); },
        [](test::Ztoc& z) { z.files[10].name = "d/none"; },
        [](test::Ztoc& z) { z.files[20].name = "d/3"; },
        [](test::Ztoc& z) { z.checkpoints[12 + 32785 + 17 + 32767] ^= 1; },
        [](test::Ztoc& z) { z.checkpoints[12 + 32785 + 16] ^= 1; },
        [](test::Ztoc& z) { z.checkpoints[12 + 32785 + 9] ^= 1; },
        [](test::Ztoc& z) { z.files.pop_back(); },
    };
    for (std::size_t lie = 0; lie < lies.size(); ++lie) {
        Lab lab;
        const Rows expected = lab.expected();
        test::Ztoc ztoc = lab.ztoc();
        lies[lie](ztoc);
        lab.name(test::write_ztoc(ztoc));
        const auto contents = lab.contents(false);
        const auto table = contents->table(0);
        for (std::size_t i = 0; i < table->size(); ++i) {
            INFO(lie << ", " << table->path(i));
            try {
                const std::string got = test::read_all(*contents->open(0, i));
                const std::pair<std::string, std::string> row(table->path(i), got);
                CHECK(std::find(expected.begin(), expected.end(), row) != expected.end());
            } catch (const base::Error& error) {
                CHECK(error.hint().find("--verify") != std::string::npos);
            }
        }
    }
}

TEST_CASE("where parts of blobs cannot be had, a file that a zTOC tells of is read whole") {
    Lab lab;
    lab.name(test::write_ztoc(lab.ztoc()));
    lab.store.ranges = false;
    const auto contents = lab.contents(false);
    (void)contents->table(0);
    CHECK(test::read_all(*contents->open(0, 10)) == test::noise(70'000, 9));
    CHECK(contents->fetched(0).checked == ops::Checked::digest);
    CHECK(lab.cache.find(lab.layers[0]));
}

TEST_CASE("what an image names is a SOCI index only by a digest that can be checked") {
    Lab lab;
    for (const std::string digest : {"none", "sha256:12", "md5:0123456789abcdef0123456789abcdef"}) {
        std::string text = lab.image->bytes();
        text.pop_back();
        const model::Manifest image = model::Manifest::parse(
            text + R"(,"annotations":{"com.amazon.soci.index-digest":")" + digest + R"("}})",
            kManifestType);
        CHECK_FALSE(ops::soci_index_of(*image.image()));
    }
}
