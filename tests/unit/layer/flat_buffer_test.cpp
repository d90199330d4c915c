#include "layer/flat_buffer.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::layer;

namespace {

/// A document of one table at byte 16, whose list of fields is at byte 4: field 0 a byte, field 1
/// absent, field 2 an offset, field 3 eight bytes.
std::string document() {
    std::string bytes("\x10\0\0\0", 4);       // the root is at 16
    bytes += std::string("\x0c\0\x14\0", 4);  // 12 bytes of list, 20 of table
    bytes += std::string("\x04\0\0\0\x08\0\x0c\0", 8);
    bytes += std::string("\x0c\0\0\0", 4);  // the list is 12 before
    bytes += std::string("\x2a\0\0\0", 4);  // field 0
    bytes += std::string("\x0c\0\0\0", 4);  // field 2: 12 further, at 36
    bytes += std::string("\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
    bytes += std::string("\x03\0\0\0abc\0", 8);
    return bytes;
}

}  // namespace

TEST_CASE("a FlatBuffer's fields are found by their number, absent ones have their default") {
    const std::string bytes = document();
    const FlatTable table = FlatTable::root(bytes);
    CHECK(table.byte(0) == 42);
    CHECK(table.byte(1, 7) == 7);
    CHECK(table.text(2) == "abc");
    CHECK(table.int64(3) == -2);
    CHECK(table.int64(4) == 0);
    CHECK(table.uint32(99) == 0);
    CHECK_FALSE(table.table(1));
    CHECK(table.vector(1).size() == 0);
}

TEST_CASE("T-51 nothing leads out of a FlatBuffer") {
    const std::string good = document();
    const auto changed = [&](std::size_t at, char byte) {
        std::string bytes = good;
        bytes[at] = byte;
        return bytes;
    };
    for (const std::size_t size : {0U, 3U, 4U, 16U, 19U, 35U}) {
        CHECK_THROWS_AS(FlatTable::root(std::string_view(good).substr(0, size)),
                        base::InvalidDocument);
    }
    CHECK_THROWS_AS(FlatTable::root(changed(0, '\x7f')), base::InvalidDocument);   // no root
    CHECK_THROWS_AS(FlatTable::root(changed(16, '\x20')), base::InvalidDocument);  // before it
    CHECK_THROWS_AS(FlatTable::root(changed(19, '\x80')), base::InvalidDocument);  // behind it
    CHECK_THROWS_AS(FlatTable::root(changed(4, '\x02')), base::InvalidDocument);   // no list
    CHECK_THROWS_AS(FlatTable::root(changed(4, '\xff')), base::InvalidDocument);
    CHECK_THROWS_AS(FlatTable::root(changed(6, '\x40')), base::InvalidDocument);  // long table

    std::string bytes = changed(8, '\x13');  // field 0 at the table's last byte
    CHECK(FlatTable::root(bytes).byte(0) == 0xff);
    CHECK_THROWS_AS(FlatTable::root(bytes).uint32(0), base::InvalidDocument);
    bytes = changed(24, '\x7f');  // field 2 leads nowhere
    CHECK_THROWS_AS(FlatTable::root(bytes).text(2), base::InvalidDocument);
    CHECK_THROWS_AS(FlatTable::root(bytes).table(2), base::InvalidDocument);
    CHECK_THROWS_AS(FlatTable::root(bytes).vector(2), base::InvalidDocument);
    bytes = changed(36, '\x05');  // a longer text than there is
    CHECK_THROWS_AS(FlatTable::root(bytes).text(2), base::InvalidDocument);
    CHECK_THROWS_AS(FlatTable::root(good).vector(2), base::InvalidDocument);  // three offsets

    bytes = changed(36, '\x01');  // one element, whose offset is "abc\0"
    const FlatVector vector = FlatTable::root(bytes).vector(2);
    REQUIRE(vector.size() == 1);
    CHECK_THROWS_AS(vector.text(0), base::InvalidDocument);
    CHECK_THROWS_AS(vector.table(0), base::InvalidDocument);
}
