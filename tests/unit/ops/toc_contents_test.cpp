#include "regtool/ops/toc_contents.hpp"

#include "regtool/base/text.hpp"
#include "regtool/ops/indexed_contents.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/temp_dir.hpp"
#include "support/toc_layers.hpp"
#include "unit/ops/layer_rows.hpp"
#include "unit/ops/memory_store.hpp"

using namespace regtool;
using test::Rows;
using test::TocForm;

namespace {

/// Each trap of a table: owners, long names, attributes, devices, links, empty files, holes, files
/// of several pieces, whiteouts, one name twice.
std::vector<test::TocEntry> many_entries() {
    std::vector<test::TocEntry> entries;
    const auto add = [&](test::TarHeader header, test::PaxRecords pax = {}) {
        header.mtime = 1'600'000'000 + entries.size();
        if (header.uid == 0) {
            // A table cannot tell that an id has a name here and none there.
            header.user = header.group = "root";
        }
        entries.push_back({std::move(header), std::move(pax)});
    };
    add({.name = "./", .type = '5', .mode = 0755});
    add({.name = "d/", .type = '5', .mode = 01777, .user = "root", .group = "root"});
    add({.name = "d/small", .content = "few bytes", .user = "root", .group = "root"});
    add({.name = "d/empty", .mode = 04755, .uid = 7, .gid = 8, .user = "seven", .group = "eight"});
    add({.name = "d/large",
         .content = test::noise(350'000),
         .uid = 7,
         .gid = 8,
         .user = "seven",
         .group = "eight"});
    add({.name = "d/hole",
         .content = test::noise(100'000, 2) + std::string(250'000, '\0') + "end"});
    add({.name = "d/zeros", .content = std::string(100'000, '\0')});
    add({.name = "long", .content = "named"}, {{"path", "d/" + std::string(200, 'n')}});
    add({.name = "x", .content = "attributed"},
        {{"SCHILY.xattr.user.a", "one"}, {"SCHILY.xattr.security.capability", "\1\2"}});
    add({.name = "link", .type = '2', .link = "d/large", .mode = 0777});
    add({.name = "hard", .type = '1', .link = "d/small"});
    add({.name = "tty", .type = '3', .mode = 0600, .major = 5, .minor = 1});
    add({.name = "disk", .type = '4', .mode = 0600, .major = 8});
    add({.name = "pipe", .type = '6', .mode = 0600});
    add({.name = "d/.wh.gone", .mode = 0});
    add({.name = "caf\xc3\xa9", .content = "utf-8"});
    add({.name = "twice", .content = "first"});
    add({.name = "twice", .content = "second and last"});
    for (std::uint32_t i = 0; i < 200; ++i) {
        add({.name = "many/" + std::to_string(i), .content = test::noise(i * 7, i)});
    }
    return entries;
}

std::vector<test::TocLayerOptions> all_forms() {
    std::vector<test::TocLayerOptions> all;
    for (const TocForm form : {TocForm::estargz, TocForm::estargz_legacy, TocForm::estargz_external,
                               TocForm::zstd_containers, TocForm::zstd_snapshotter}) {
        all.push_back({.form = form});
    }
    all.push_back({.form = TocForm::estargz, .member_bytes = 3'000});
    all.push_back({.form = TocForm::zstd_snapshotter, .member_bytes = 50'000});
    all.push_back({.form = TocForm::estargz, .chunk_bytes = 20'000'000});
    return all;
}

struct Lab {
    explicit Lab(test::TocLayer made) : made_(std::move(made)) {
        store.add_image({made_.stored}, test::config_of("amd64"), made_.annotations);
        store.be_named("1");
        layers = store.root({}).image()->layers;
        if (!made_.external.empty()) {
            auto other = std::make_shared<test::MemoryStore>();
            other->add_image(
                {made_.external}, test::config_of("amd64"),
                {{"containerd.io/snapshot/stargz/layer.digest", layers[0].digest.str()}});
            store.others.emplace("1-esgztoc", other);
        }
    }

    std::unique_ptr<ops::LayerContents> streamed() {
        return ops::make_full_read_contents(store, layers, progress, {});
    }

    std::unique_ptr<ops::LayerContents> contents() {
        return ops::make_toc_contents(store, layers, progress, {}, streamed());
    }

    /// Puts other bytes where the layer's are.
    void spoil(std::size_t at, std::size_t count) {
        std::string other = made_.stored;
        for (std::size_t i = at; i < at + count; ++i) {
            other[i] = static_cast<char>(other[i] ^ 0x55);
        }
        store.spoil(layers[0].digest.str(), other);
    }

    test::TocLayer made_;
    test::MemoryStore store;
    test::NoProgress progress;
    std::vector<model::Descriptor> layers;
};

/// Everything that a listing shows.
std::string facts(const layer::Entry& entry) {
    std::string text =
        entry.path + "|" + entry.link_target + "|" + std::to_string(static_cast<int>(entry.type)) +
        "|" + std::to_string(entry.mode) + "|" + std::to_string(entry.uid) + "|" +
        std::to_string(entry.gid) + "|" + entry.user_name + "|" + entry.group_name + "|" +
        std::to_string(entry.size) + "|" + std::to_string(entry.mtime) + "|" +
        std::to_string(entry.device_major) + "|" + std::to_string(entry.device_minor);
    for (const auto& [name, value] : entry.xattrs) {
        text += "|" + name + "=" + value;
    }
    return text;
}

Rows by_walk(ops::LayerContents& contents) {
    return test::by_walk(contents, facts);
}

Rows by_open(ops::LayerContents& contents) {
    return test::by_open(contents, facts);
}

std::string first_difference(const Rows& rows, const Rows& expected) {
    for (std::size_t i = 0; i < std::max(rows.size(), expected.size()); ++i) {
        if (i >= rows.size() || i >= expected.size() || rows[i] != expected[i]) {
            return i >= rows.size() ? "an entry is missing" : "another is " + rows[i].first;
        }
    }
    return "";
}

std::size_t entry_of(const layer::LayerTable& table, std::string_view path) {
    for (std::size_t i = table.size(); i-- > 0;) {
        if (table.path(i) == path) {
            return i;
        }
    }
    throw std::runtime_error("no such entry");
}

}  // namespace

TEST_CASE("a stream and a table of contents give the same listing and the same bytes") {
    for (const test::TocLayerOptions& options : all_forms()) {
        std::vector<test::TocEntry> entries = many_entries();
        if (options.form == TocForm::zstd_containers) {
            for (test::TocEntry& entry : entries) {  // its tables have no owners' names
                entry.header.user.clear();
                entry.header.group.clear();
            }
        }
        Lab lab(test::toc_layer(entries, options));
        CAPTURE(static_cast<int>(options.form), options.member_bytes);
        const Rows expected = by_walk(*lab.streamed());
        REQUIRE(expected.size() >= entries.size());
        const auto contents = lab.contents();
        CHECK(first_difference(by_open(*contents), expected).empty());
        CHECK(first_difference(by_walk(*contents), expected).empty());
        CHECK(contents->fetched(0).checked == ops::Checked::parts);
        CHECK(contents->fetched(0).note.find("table of contents") != std::string::npos);
    }
}

TEST_CASE("BLB-12 by a table of contents a listing moves the table, a file its own bytes") {
    for (const test::TocLayerOptions& options : all_forms()) {
        Lab lab(test::toc_layer(many_entries(), options));
        CAPTURE(static_cast<int>(options.form));
        const auto contents = lab.contents();
        const auto table = contents->table(0);
        const std::uint64_t listed = contents->fetched(0).bytes;
        CHECK(listed <= std::uint64_t{64} << 10);
        CHECK(lab.store.range_requests <= 1);
        const std::string content = test::read_all(*contents->open(0, entry_of(*table, "d/small")));
        CHECK(content == "few bytes");
        // A member that several files share comes whole.
        CHECK(contents->fetched(0).bytes - listed < (options.member_bytes == 0 ? 6'000 : 150'000));
        CHECK(lab.store.range_requests <= 2);
        CHECK(test::read_all(*contents->open(0, entry_of(*table, "d/empty"))).empty());
        CHECK(lab.store.range_requests <= 2);
    }
}

TEST_CASE("files next to each other do not cost a request each") {
    Lab lab(test::toc_layer(many_entries()));
    const auto contents = lab.contents();
    const Rows rows = by_walk(*contents);
    CHECK(rows.size() > 200);
    CHECK(lab.store.range_requests <= 8);
    CHECK(contents->fetched(0).bytes < lab.made_.stored.size() * 5 / 4);
}

TEST_CASE("T-01 a table that is not the one that the manifest names is an integrity error") {
    for (const test::TocLayerOptions& options : all_forms()) {
        if (options.form == TocForm::estargz_external) {
            continue;
        }
        Lab lab(test::toc_layer(many_entries(), options));
        CAPTURE(static_cast<int>(options.form));
        lab.spoil(lab.made_.data.size() + 40, 1);
        CHECK_THROWS_AS(lab.contents()->table(0), base::IntegrityError);
    }
    test::TocLayer layer = test::toc_layer(many_entries());
    layer.annotations.begin()->second = model::Digest::sha256_of("another").str();
    CHECK_THROWS_AS(Lab(layer).contents()->table(0), base::IntegrityError);
}

TEST_CASE("T-01 bytes that do not have the hash of the table never come out") {
    for (const test::TocLayerOptions& options : all_forms()) {
        Lab lab(test::toc_layer(many_entries(), options));
        CAPTURE(static_cast<int>(options.form));
        const Rows right = by_walk(*lab.streamed());
        for (std::size_t at = 200; at + 1 < lab.made_.data.size(); at += 110'000) {
            lab.spoil(at, 1);
            const auto contents = lab.contents();
            const auto table = contents->table(0);
            std::size_t refused = 0;
            for (std::size_t i = 0; i < table->size(); ++i) {
                std::string got;
                try {
                    const auto source = contents->open(0, i);
                    std::byte block[4096];
                    for (std::size_t n = source->read(block); n != 0; n = source->read(block)) {
                        got += base::as_text(std::span(block).first(n));
                    }
                    CHECK(got == right[i].second);
                } catch (const base::IntegrityError&) {
                    ++refused;
                    CHECK(right[i].second.starts_with(got));
                }
            }
            CHECK(refused < table->size() / 2);
        }
    }
}

TEST_CASE("a layer whose table cannot be used is read whole, and says why") {
    test::TocLayer good = test::toc_layer(many_entries());
    const auto whole = [](test::TocLayer layer, const std::string& why, bool ranges = true) {
        Lab lab(std::move(layer));
        lab.store.ranges = ranges;
        const auto contents = lab.contents();
        CHECK(by_walk(*contents) == by_walk(*lab.streamed()));
        CHECK(contents->fetched(0).checked == ops::Checked::digest);
        CAPTURE(contents->fetched(0).note);
        CHECK(contents->fetched(0).note.find(why) != std::string::npos);
    };
    SECTION("nobody vouches for it") {
        good.annotations.clear();
        Lab lab(good);
        const auto contents = lab.contents();
        (void)contents->table(0);
        CHECK(lab.store.range_requests == 0);
        CHECK(contents->fetched(0).checked == ops::Checked::digest);
    }
    SECTION("two formats announce one") {
        good.annotations["io.github.containers.zstd-chunked.manifest-checksum"] =
            model::Digest::sha256_of("x").str();
        whole(good, "two formats");
    }
    SECTION("parts cannot be had") {
        whole(good, "does not send the part", false);
    }

    SECTION("no footer") {
        good.stored.back() = 'x';
        good.stored += std::string(20, '\0');
        Lab lab(good);
        const auto contents = lab.contents();
        CHECK_THROWS(contents->table(0));  // nor is it gzip any more
        CHECK(contents->fetched(0).note.find("footer") != std::string::npos);
    }
    SECTION("a digest that is none") {
        good.annotations.begin()->second = "sha256:short";
        whole(good, "no digest");
    }
    SECTION("it lies of what the layer holds") {
        whole(test::with_table(good, TocForm::estargz,
                               R"({"version":1,"entries":[{"name":"f","type":"reg","size":5,)"
                               R"("offset":999999999,"chunkDigest":")" +
                                   model::Digest::sha256_of("x").str() + "\"}]}"),
              "leads out of the layer");
    }
    SECTION("it is elsewhere, and not found there") {
        test::TocLayer layer = test::toc_layer(many_entries(), {.form = TocForm::estargz_external});
        layer.external.clear();
        whole(layer, "esgztoc");
    }
    SECTION("the place in the manifest is out of the layer") {
        test::TocLayer layer = test::toc_layer(many_entries(), {.form = TocForm::zstd_containers});
        layer.annotations["io.github.containers.zstd-chunked.manifest-position"] =
            "99999999:10:10:1";
        whole(layer, "does not say where");
    }
}

TEST_CASE("T-20 a table that unpacks without end is refused before it fills anything") {
    const std::string blanks(std::size_t{160} << 20, ' ');  // packed a few KB
    const TocForm form = TocForm::zstd_snapshotter;
    test::TocLayer layer =
        test::with_table(test::toc_layer(many_entries(), {.form = form}), form, blanks);
    Lab honest(layer);
    const auto whole = honest.contents();
    (void)whole->table(0);
    CHECK(whole->fetched(0).checked == ops::Checked::digest);
    CHECK(honest.store.range_requests == 0);

    std::string& position = layer.annotations.at("io.containers.zstd-chunked.manifest-position");
    position = position.substr(0, position.find(':', position.find(':') + 1)) + ":5000:1";
    Lab lying(layer);
    CHECK_THROWS_AS(lying.contents()->table(0), base::IntegrityError);
}

TEST_CASE("a table within a layer's own index: what is known from a full read comes first") {
    Lab lab(test::toc_layer(many_entries()));
    const test::TempDir folder;
    const ops::LayerIndexCache cache(folder.path());
    const auto indexed = [&](ops::KeepIndex keep, ops::Reading reading) {
        return ops::make_indexed_contents(lab.store, lab.layers, lab.progress, {}, {}, cache,
                                          {keep, reading});
    };
    const auto by_table = indexed(ops::KeepIndex::if_possible, ops::Reading::least);
    (void)by_table->table(0);
    CHECK(by_table->fetched(0).checked == ops::Checked::parts);
    CHECK_FALSE(cache.find(lab.layers[0]));  // a table was never compared with the tar

    const auto whole = indexed(ops::KeepIndex::if_possible, ops::Reading::whole);
    (void)whole->table(0);
    CHECK(whole->fetched(0).checked == ops::Checked::digest);
    REQUIRE(cache.find(lab.layers[0]));
    const auto known = indexed(ops::KeepIndex::or_fail, ops::Reading::least);
    (void)known->table(0);
    CHECK(known->fetched(0).bytes == 0);
}
