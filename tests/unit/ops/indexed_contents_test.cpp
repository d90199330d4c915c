#include "regtool/ops/indexed_contents.hpp"

#include <sys/stat.h>

#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
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

/// Files of many sizes, more than one span of checkpoints in all, in part hard to pack.
std::string large_tar() {
    test::TarBuilder tar;
    tar.directory("d/");
    for (std::uint32_t i = 0; i < 60; ++i) {
        std::string content = i % 3 == 0 ? std::string(i * 1000, 'a') : test::noise(i * 2500, i);
        tar.file("d/file" + std::to_string(i), std::move(content));
    }
    tar.file("empty", "").symlink("link", "d/file1").hardlink("hard", "d/file2");
    tar.pax({{"path", "pax/" + std::string(150, 'p')}}).file("short", "with a long name");
    return tar.finish();
}

struct Lab {
    explicit Lab(const std::string& stored) {
        store.add_image({stored}, test::config_of("amd64"));
        layers = store.root({}).image()->layers;
    }

    std::unique_ptr<ops::LayerContents> contents(ops::FullReadOptions options = {}) {
        return ops::make_indexed_contents(store, layers, progress, {}, std::move(options), cache);
    }

    std::filesystem::path index_file() const {
        const auto& digest = layers[0].digest;
        return folder.path() / "layers" / ("sha256-" + std::string(digest.encoded()) + ".index");
    }

    test::TempDir folder;
    test::MemoryStore store;
    test::NoProgress progress;
    std::vector<model::Descriptor> layers;
    ops::LayerIndexCache cache{folder.path()};
};

std::vector<std::string> packings(const std::string& tar) {
    std::string members;
    std::string frames;
    for (std::size_t at = 0; at < tar.size(); at += 700'000) {
        members += test::gzip(tar.substr(at, 700'000));
        frames += test::zstd(tar.substr(at, 700'000));
    }
    return {tar, test::gzip(tar), test::gzip(tar, 1), members, test::zstd(tar), frames};
}

}  // namespace

TEST_CASE(
    "a stream and an index give the same listing and the same bytes, however a layer is packed") {
    const std::string tar = large_tar();
    for (const std::string& stored : packings(tar)) {
        Lab lab(stored);
        const auto streamed = ops::make_full_read_contents(lab.store, lab.layers, lab.progress, {});
        const Rows expected = by_walk(*streamed);
        CHECK(by_walk(*lab.contents()) == expected);  // reads in full, leaves the index
        REQUIRE(std::filesystem::exists(lab.index_file()));

        const auto known = lab.contents();
        const auto table = known->table(0);
        CHECK(known->fetched(0).bytes == 0);
        CHECK(table->tar_bytes() == tar.size());
        CHECK(by_open(*known) == expected);
        CHECK(by_walk(*known) == expected);
        CHECK(known->fetched(0).checked == ops::Checked::parts);
    }
}

TEST_CASE("BLB-12 of a known layer one file moves a part, each chunk of it verified") {
    const std::string stored = test::gzip(large_tar());
    Lab lab(stored);
    (void)lab.contents()->table(0);
    const auto known = lab.contents();
    const std::size_t entry = 20;
    const std::string right = test::read_all(*known->open(0, entry));
    CHECK(known->fetched(0).bytes > 0);
    CHECK(known->fetched(0).bytes < stored.size() / 2);
    CHECK(known->fetched(0).checked == ops::Checked::parts);

    std::string other = stored;
    for (std::size_t at = 1000; at < other.size(); at += 5000) {
        other[at] = static_cast<char>(other[at] ^ 1);
    }
    lab.store.spoil(lab.layers[0].digest.str(), other);
    const auto spoiled = lab.contents();
    CHECK(spoiled->table(0)->size() > entry);
    CHECK_THROWS_AS(test::read_all(*spoiled->open(0, entry)), base::IntegrityError);
    CHECK_THROWS_AS(by_walk(*spoiled), base::IntegrityError);
}

TEST_CASE("where parts of blobs cannot be had, a known layer is read whole") {
    const std::string stored = test::gzip(large_tar());
    Lab lab(stored);
    const Rows expected = by_open(*lab.contents());
    lab.store.ranges = false;
    lab.store.range_requests = 0;
    const auto known = lab.contents();
    CHECK(by_open(*known) == expected);
    CHECK(lab.store.range_requests == 0);
}

TEST_CASE("BLB-12 of a known layer a few entries move their parts, many the whole layer") {
    const std::string stored = test::gzip(large_tar());
    Lab lab(stored);
    (void)lab.contents()->table(0);
    const auto streamed = ops::make_full_read_contents(lab.store, lab.layers, lab.progress, {});
    const Rows expected = by_walk(*streamed);
    const auto some = [&](const std::vector<std::uint32_t>& entries) {
        const auto known = lab.contents();
        std::vector<std::string> contents;
        known->read_entries(0, entries, [&](std::size_t, stream::Source& content) {
            contents.push_back(test::read_all(content));
            return true;
        });
        REQUIRE(contents.size() == entries.size());
        for (std::size_t i = 0; i < entries.size(); ++i) {
            CHECK(contents[i] == expected[entries[i]].second);
        }
        return known->fetched(0).bytes;
    };
    const std::string digest = lab.layers[0].digest.str();
    lab.store.reads.clear();
    CHECK(some({}) == 0);
    const std::uint64_t part = some({20});
    CHECK((part > 0 && part < stored.size() / 2));
    CHECK(lab.store.reads[digest] == 0);
    CHECK(lab.store.part_reads[digest] == 1);
    std::vector<std::uint32_t> all(expected.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        all[i] = i;
    }
    (void)some(all);
    CHECK(lab.store.reads[digest] == 1);
    CHECK(lab.store.part_reads[digest] == 1);
    int visits = 0;
    const auto stopped = lab.contents();
    stopped->read_entries(0, all, [&](std::size_t, stream::Source&) { return ++visits < 3; });
    CHECK(visits == 3);
}

TEST_CASE("T-38 an index in the cache that is damaged or of another layer is made anew") {
    Lab lab(test::gzip(large_tar()));
    const Rows expected = by_walk(*lab.contents());
    const std::string good = base::read_file(lab.index_file(), layer::kMaxIndexBytes);
    Lab other(test::gzip(test::TarBuilder().file("evil", "x").finish()));
    (void)other.contents()->table(0);
    const std::string foreign = base::read_file(other.index_file(), layer::kMaxIndexBytes);
    for (const std::string& planted : {std::string(), good.substr(0, good.size() / 2), foreign}) {
        lab.folder.put("layers/" + lab.index_file().filename().string(), planted);
        CHECK(by_walk(*lab.contents()) == expected);
        CHECK(lab.cache.find(lab.layers[0]));
    }
}

TEST_CASE("T-38 a folder that others can write to is no cache") {
    Lab lab(test::gzip(large_tar()));
    (void)lab.contents()->table(0);
    REQUIRE(lab.cache.find(lab.layers[0]));
    REQUIRE(::chmod((lab.folder.path() / "layers").c_str(), 0777) == 0);
    CHECK_FALSE(lab.cache.find(lab.layers[0]));
    CHECK(lab.contents()->table(0)->size() > 0);  // read in full, and not kept
    const auto strict = ops::make_indexed_contents(lab.store, lab.layers, lab.progress, {}, {},
                                                   lab.cache, {.keep = ops::KeepIndex::or_fail});
    CHECK_THROWS_AS(strict->table(0), base::IoError);
}

TEST_CASE("DIF-02 an index that does not tell what the layer unpacks to does not stand for it") {
    const std::string tar = large_tar();
    const auto diff_id = model::Digest::sha256_of(tar);
    Lab lab(test::gzip(tar));
    (void)lab.contents()->table(0);
    const auto checked = lab.contents({.diff_ids = {diff_id}});
    (void)checked->table(0);
    CHECK(checked->fetched(0).checked == ops::Checked::digest);
    const auto again = lab.contents({.diff_ids = {diff_id}});
    (void)again->table(0);
    CHECK(again->fetched(0).bytes == 0);
    const auto wrong = lab.contents({.diff_ids = {model::Digest::sha256_of("x")}});
    CHECK_THROWS_AS(wrong->table(0), base::IntegrityError);
}

TEST_CASE("the least recently used indexes go when the cache is full") {
    const test::TempDir folder;
    std::vector<std::unique_ptr<Lab>> labs;
    for (int i = 0; i < 3; ++i) {
        labs.push_back(
            std::make_unique<Lab>(test::TarBuilder().file("f" + std::to_string(i), "x").finish()));
        (void)labs.back()->contents()->table(0);
    }
    const auto indexes = [&](std::size_t i) { return *labs[i]->cache.find(labs[i]->layers[0]); };
    const std::uint64_t each = labs[0]->cache.bytes_of(labs[0]->layers[0].digest);
    const ops::LayerIndexCache small(folder.path(), each * 5 / 2);
    const auto age = [&](std::size_t i, int hours) {
        const std::string name = labs[i]->index_file().filename().string();
        const auto file = folder.path() / "layers" / name;
        std::filesystem::last_write_time(
            file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
    };
    small.put(indexes(0));
    age(0, 2);
    small.put(indexes(1));
    age(1, 1);
    REQUIRE(small.find(labs[0]->layers[0]));  // now it is the younger one
    small.put(indexes(2));
    CHECK(small.find(labs[0]->layers[0]));
    CHECK_FALSE(small.find(labs[1]->layers[0]));
    CHECK(small.find(labs[2]->layers[0]));
}
