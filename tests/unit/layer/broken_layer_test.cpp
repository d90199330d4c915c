#include <string>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/layer/layer_reader.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/verify.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "unit/layer/read_layer.hpp"

using namespace regtool;
using namespace regtool::layer;
using test::names;
using test::read_layer;
using test::TarBuilder;

TEST_CASE("LAY-26 cut layers are refused at every length") {
    TarBuilder tar;
    tar.pax({{"path", "one"}}).file("x", "content");
    tar.gnu_long('L', std::string(120, 'y')).file("z", std::string(600, 'c'));
    const std::string bytes = tar.bytes();
    // An archive without an end marker is common and whole where an entry ends.
    const std::size_t first = 512 * 4;
    for (std::size_t length = 1; length < bytes.size(); ++length) {
        if (length == first || length == first - (512 - 7)) {
            continue;
        }
        CAPTURE(length);
        // Cutting only padding of the last block may pass, everything else must not.
        if (length >= bytes.size() - 424 && length > bytes.size() - 512) {
            continue;
        }
        CHECK_THROWS_AS(names(bytes.substr(0, length)), base::InvalidDocument);
    }
    CHECK(names(bytes.substr(0, first)).size() == 1);
    CHECK(names(bytes).size() == 2);
}

TEST_CASE("LAY-26 broken headers are refused") {
    TarBuilder tar;
    tar.file("one", "1").file("two", "2");
    std::string bad_sum = tar.finish();
    bad_sum[1024] = 'T';
    CHECK_THROWS_AS(names(bad_sum), base::InvalidDocument);
    TarBuilder negative;
    negative.file("one", "1").add({.name = "n", .size_field = test::base256(-512, 12)});
    CHECK_THROWS_AS(names(negative.finish()), base::InvalidDocument);
    TarBuilder beyond;
    beyond.file("one", "1").add({.name = "n", .size_field = "77777777777"});
    CHECK_THROWS_AS(names(beyond.finish()), base::InvalidDocument);
    TarBuilder largest;
    largest.add({.name = "n", .size_field = test::base256(INT64_MAX, 12)});
    CHECK_THROWS_AS(names(largest.finish()), base::InvalidDocument);
}

TEST_CASE("T-22 what is no tar is refused") {
    const std::vector<std::string> cases = {
        "x",
        "not a tar archive at all",
        test::noise(100000),
        test::gzip("abc"),
        std::string("Rar!\x1a\x07\x00", 7) + std::string(1000, 'r'),
        std::string("PK\x03\x04", 4) + std::string(1000, 'z'),
        "#mtree\n./a type=file\n" + std::string(1000, '\n'),
        std::string("7z\xbc\xaf\x27\x1c", 6) + std::string(1000, '7'),
        std::string(1, '\0'),
    };
    for (const std::string& bytes : cases) {
        CHECK_THROWS_AS(names(bytes), base::InvalidDocument);
    }
}

TEST_CASE("T-22 flipped bits end in entries or in an error, never worse") {
    TarBuilder tar;
    tar.pax({{"path", "one"}, {"SCHILY.xattr.user.a", "b"}}).file("x", "content");
    tar.gnu_long('L', "two").file("z", "c").hardlink("h", "one");
    const std::string bytes = tar.finish();
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 3) {
        std::string flipped = bytes;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        try {
            static_cast<void>(read_layer(flipped));
        } catch (const base::InvalidDocument&) {
        } catch (const base::IntegrityError&) {
        }
    }
}

TEST_CASE("T-21 limits hold at the limit and one beyond") {
    TarBuilder tar;
    tar.file("a", "").file("bb", "").symlink("c", "123456");
    const std::string bytes = tar.finish();
    CHECK(names(bytes, {.max_entries = 3}).size() == 3);
    CHECK_THROWS_AS(names(bytes, {.max_entries = 2}), base::IntegrityError);
    CHECK(names(bytes, {.max_name_bytes = 6}).size() == 3);
    CHECK_THROWS_AS(names(bytes, {.max_name_bytes = 5}), base::IntegrityError);

    const std::string component(255, 'n');
    std::string name = component;
    while (name.size() < 4096 - 256) {
        name += "/" + component;
    }
    name += "/" + std::string(4096 - name.size() - 1, 'm');
    CHECK(names(TarBuilder().gnu_long('L', name).file("s", "").finish()).front() == name);
    name += "m";
    CHECK_THROWS_AS(names(TarBuilder().gnu_long('L', name).file("s", "").finish()),
                    base::IntegrityError);
    CHECK_THROWS_AS(names(TarBuilder().pax({{"path", component + "n"}}).file("s", "").finish()),
                    base::IntegrityError);
}

TEST_CASE("T-21 an extended header of more than a megabyte is refused, in flat memory") {
    const std::string block(std::size_t{1} << 20, 'x');
    for (const char type : {'x', 'L', 'K'}) {
        TarBuilder head;
        head.add({.name = "h", .type = type, .size_field = "10000000000"});
        LayerReader reader(std::make_unique<test::RepeatingSource>(head.bytes(), block, 1024, ""));
        CHECK_THROWS_AS(reader.next(), base::IntegrityError);
    }
}

TEST_CASE("T-54 what the source throws comes out as it is") {
    TarBuilder tar;
    tar.file("a", std::string(300000, 'a'));
    const std::string packed = test::gzip(tar.finish());
    LayerReader cut(std::make_unique<stream::DecompressingSource>(
        std::make_unique<stream::StringSource>(packed.substr(0, packed.size() - 9))));
    REQUIRE(cut.next() != nullptr);
    try {
        static_cast<void>(cut.next());
        FAIL("no error");
    } catch (const base::InvalidDocument& error) {
        CHECK(error.message() == "gzip data is cut short");
    }
    LayerReader bomb(std::make_unique<stream::DecompressingSource>(
        std::make_unique<stream::StringSource>(packed), stream::InflateLimits{.max_bytes = 10000}));
    CHECK_THROWS_AS(bomb.next(), base::IntegrityError);
}

TEST_CASE("T-01 a wrong digest wins over the broken archive that it explains") {
    TarBuilder tar;
    tar.file("one", "1").file("two", "2");
    std::string bytes = tar.finish();
    bytes[1024] = 'T';
    LayerReader reader(std::make_unique<stream::VerifyingSource>(
        std::make_unique<stream::StringSource>(bytes + std::string(1000000, '\0')),
        stream::Expectation{model::Digest::sha256_of("else"), std::nullopt}));
    REQUIRE(reader.next() != nullptr);
    CHECK_THROWS_AS(reader.next(), base::IntegrityError);
}

TEST_CASE("LAY-26 a tar that was never closed is whole when the last file's bytes are") {
    TarBuilder builder;
    builder.file("first", std::string(700, 'a')).file("last", "twenty-four bytes of text");
    const std::string unpadded = builder.bytes().substr(0, builder.bytes().size() - (512 - 25));
    const auto entries = read_layer(unpadded);
    REQUIRE(entries.size() == 2);
    CHECK(entries[1].content == "twenty-four bytes of text");
    CHECK_THROWS_AS(read_layer(unpadded.substr(0, unpadded.size() - 1)), base::InvalidDocument);
}
