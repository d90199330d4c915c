#include "regtool/layer/layer_table.hpp"

#include <string>

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
        CHECK(entry->path == table[i].path);
        CHECK(entry->size == table[i].size);
    }
}

TEST_CASE("views stay where they are while the table grows") {
    LayerTable table;
    Entry entry;
    entry.path = "first";
    table.add(entry, 0);
    const std::string_view first = table.path(0);
    for (int i = 0; i < 20000; ++i) {
        entry.path = "name-" + std::to_string(i);
        table.add(entry, 0);
    }
    CHECK(table.path(0).data() == first.data());
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
