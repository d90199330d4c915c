#include "regtool/layer/layer_table.hpp"

#include <limits>
#include <string>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"

using namespace regtool;
using namespace regtool::layer;
using test::TarBuilder;

namespace {

LayerTable table_of(const std::string& tar) {
    LayerReader reader(std::make_unique<stream::StringSource>(tar));
    LayerTable table;
    while (const Entry* entry = reader.next()) {
        table.add(*entry, reader.header_offset());
    }
    return table;
}

std::string mixed_tar() {
    TarBuilder tar;
    tar.directory("./").file("a", "one").pax({{"path", "pax/" + std::string(200, 'p')}}, 'x');
    tar.file("short", std::string(5000, 'x'));
    tar.gnu_long('L', "gnu/" + std::string(120, 'g')).file("short", "three");
    tar.pax({{"comment", "for all"}}, 'g').symlink("link", "a").hardlink("hard", "a");
    tar.pax({{"SCHILY.xattr.user.note", "v"}, {"mtime", "12.5"}}).file("noted", "four");
    tar.add({.name = "tty", .type = '3', .uid = 5, .user = "u", .group = "g", .major = 4});
    return tar.finish();
}

}  // namespace

TEST_CASE("LAY-01 a table keeps what the reader said") {
    const std::string tar = mixed_tar();
    const LayerTable table = table_of(tar);
    LayerReader reader(std::make_unique<stream::StringSource>(tar));
    std::size_t i = 0;
    for (; const Entry* entry = reader.next(); ++i) {
        const Entry kept = table.entry(i);
        CAPTURE(kept.path);
        CHECK(kept.path == entry->path);
        CHECK(kept.link_target == entry->link_target);
        CHECK(kept.type == entry->type);
        CHECK(kept.mode == entry->mode);
        CHECK(kept.uid == entry->uid);
        CHECK(kept.gid == entry->gid);
        CHECK(kept.user_name == entry->user_name);
        CHECK(kept.group_name == entry->group_name);
        CHECK(kept.size == entry->size);
        CHECK(kept.mtime == entry->mtime);
        CHECK(kept.mtime_nanoseconds == entry->mtime_nanoseconds);
        CHECK(kept.device_major == entry->device_major);
        CHECK(kept.device_minor == entry->device_minor);
        CHECK(kept.xattrs == entry->xattrs);
    }
    CHECK(i == table.size());
}

TEST_CASE("a reader opened at an entry's header offset reads that entry, long names and all") {
    const std::string tar = mixed_tar();
    const LayerTable table = table_of(tar);
    REQUIRE(table.size() == 8);
    for (std::size_t i = 0; i < table.size(); ++i) {
        LayerReader reader(
            std::make_unique<stream::StringSource>(tar.substr(table[i].header_offset)));
        const Entry* entry = reader.next();
        REQUIRE(entry != nullptr);
        CHECK(entry->path == table.path(i));
        CHECK(entry->size == table[i].size);
    }
}

TEST_CASE("views stay where they are while the table grows") {
    LayerTable table;
    Entry entry;
    entry.path = "first";
    table.add(entry, 0);
    const std::string_view first = table.place(0).name;
    for (int i = 0; i < 20000; ++i) {
        entry.path = "name-" + std::to_string(i);
        table.add(entry, 0);
    }
    CHECK(table.place(0).name.data() == first.data());
    CHECK(table.path(20000) == "name-19999");
}

TEST_CASE("T-21 attributes without end are refused") {
    LayerTable table;
    Entry entry;
    entry.xattrs["user.a"] = std::string(std::size_t{1} << 20, 'x');
    CHECK_THROWS_AS(
        [&] {
            for (int i = 0; i < 1000; ++i) {
                table.add(entry, 0);
            }
        }(),
        base::IntegrityError);
}

TEST_CASE("LAY-03 names come back as they are stored, whatever the order of folders") {
    const std::vector<std::string> names{
        "",       "/",     "///",     ".",         "./",        "a",       "a/",      "a/b",
        "a/b/",   "a/b/c", "a/bc",    "a/b/d//",   "./a//b/x",  "./a//b/", "../up",   "/abs/x",
        "/abs/y", "z/z/z", "z/z/z/z", "a/b/c/d/e", "a/b/c/d/f", "a/g",     "aa/b/c/", "a/b/c"};
    LayerTable table;
    Entry entry;
    for (int round = 0; round < 500; ++round) {
        for (const std::string& name : names) {
            entry.path = name;
            entry.link_target = std::string(static_cast<std::size_t>(round), 'l');
            entry.size = ~std::uint64_t{0} >> static_cast<unsigned>(round % 64);
            entry.mtime = round % 2 == 0 ? std::numeric_limits<std::int64_t>::min() : round;
            table.add(entry, static_cast<std::uint64_t>(500 - round));
        }
    }
    bool same = true;
    LayerTable::Places places(table);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::size_t round = i / names.size();
        const TableEntry facts = table[i];
        const LayerTable::Place place = table.place(i);
        const LayerTable::Place next = places.next();
        same = same && next.folder == place.folder && next.name.data() == place.name.data() &&
               next.name == place.name && next.type == place.type &&
               table.path(i) == names[i % names.size()] && table.path(i).ends_with(place.name) &&
               facts.link_target.size() == round &&
               facts.size == ~std::uint64_t{0} >> (round % 64) &&
               facts.mtime == (round % 2 == 0 ? std::numeric_limits<std::int64_t>::min()
                                              : static_cast<std::int64_t>(round)) &&
               facts.header_offset == 500 - round;
    }
    CHECK(same);
}

TEST_CASE("entries of one folder that follow each other share it") {
    LayerTable table;
    Entry entry;
    for (const char* name :
         {"usr/", "usr/lib/", "usr/lib/a", "usr/lib/x/y", "usr/lib/b", "usr/c"}) {
        entry.path = name;
        table.add(entry, 0);
    }
    CHECK(table.place(0).folder == LayerTable::kNoFolder);
    CHECK(table.place(1).folder == table.place(5).folder);
    CHECK(table.place(2).folder == table.place(4).folder);
    std::vector<std::string_view> pieces;
    table.folder_pieces(table.place(3).folder, pieces);
    CHECK(pieces == std::vector<std::string_view>{"usr/", "lib/", "x/"});
}

TEST_CASE("a table tells which entries may be whiteouts and what names mention") {
    LayerTable table;
    Entry entry;
    for (const char* name : {"a", "d/.wh.a", "d/b", ".wh.d/c", "x.wh.y"}) {
        entry.path = name;
        table.add(entry, 0);
    }
    CHECK(table.marked() == std::vector<std::uint32_t>{1, 3, 4});
    CHECK(table.mentions("x.w"));
    CHECK(table.mentions("wh.d"));
    CHECK_FALSE(table.mentions("e"));
}

TEST_CASE("T-21 a million files take 50 MB") {
    LayerTable table;
    Entry entry;
    entry.type = EntryType::file;
    entry.mode = 0644;
    entry.mtime = 1'600'000'000;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        entry.path = "usr/share/folder-" + std::to_string(i / 1000) + "/a-file-of-some-name-" +
                     std::to_string(i);
        entry.size = i % 10'000;
        table.add(entry, i * 4096);
    }
    CHECK(table.bytes() < 50'000'000);
    CHECK(table.path(999'999) == "usr/share/folder-999/a-file-of-some-name-999999");
}
