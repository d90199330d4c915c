#include "regtool/layer/layer_reader.hpp"

#include <array>
#include <clocale>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/verify.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"
#include "support/tar_builder.hpp"
#include "unit/layer/read_layer.hpp"

using namespace regtool;
using namespace regtool::layer;
using test::content_of;
using test::names;
using test::read_layer;
using test::TarBuilder;

namespace {

/// Sets the process locale for a test: the reader must not care.
class Locale {
  public:
    explicit Locale(const char* name) : previous_(std::setlocale(LC_ALL, nullptr)) {
        std::setlocale(LC_ALL, name);
    }

    ~Locale() { std::setlocale(LC_ALL, previous_.c_str()); }

    Locale(const Locale&) = delete;
    Locale& operator=(const Locale&) = delete;
    Locale(Locale&&) = delete;
    Locale& operator=(Locale&&) = delete;

  private:
    std::string previous_;
};

}  // namespace

TEST_CASE("LAY-01 a plain layer comes out entry by entry with its content") {
    const std::string big = test::noise(700001);
    TarBuilder tar;
    tar.directory("./").directory("etc/").file("etc/passwd", "root:x:0:0").file("big", big);
    tar.symlink("bin", "usr/bin").hardlink("passwd", "etc/passwd").file("empty", "");
    const auto step = GENERATE(std::size_t{1000000}, std::size_t{512}, std::size_t{777});
    const auto all = read_layer(tar.finish(), step);
    REQUIRE(all.size() == 7);
    CHECK(all[0].entry.path == "./");
    CHECK(all[0].entry.type == EntryType::directory);
    CHECK(all[2].entry.path == "etc/passwd");
    CHECK(all[2].entry.type == EntryType::file);
    CHECK(all[2].entry.size == 10);
    CHECK(all[2].content == "root:x:0:0");
    CHECK(all[3].content == big);
    CHECK(all[4].entry.type == EntryType::symlink);
    CHECK(all[4].entry.link_target == "usr/bin");
    CHECK(all[5].entry.type == EntryType::hardlink);
    CHECK(all[5].entry.link_target == "etc/passwd");
    CHECK(all[6].content.empty());
}

TEST_CASE("LAY-01 the fields of a header are kept") {
    TarBuilder tar;
    tar.add({.name = "f",
             .content = "x",
             .mode = 06755,
             .uid = 1000,
             .gid = 100,
             .mtime = 1700000000,
             .user = "someone",
             .group = "users"});
    tar.add({.name = "tty", .type = '3', .mode = 01620, .major = 4, .minor = 64});
    tar.add({.name = "sda", .type = '4', .major = 8, .minor = 1});
    tar.add({.name = "fifo", .type = '6'});
    tar.add({.name = "file", .prefix = "a/long/prefix"});
    tar.add({.name = "old", .ustar = false});
    tar.add({.name = "olddir/", .type = '\0', .ustar = false});
    tar.add({.name = "contiguous", .type = '7', .content = "abc"});
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 8);
    CHECK(all[0].entry.mode == 06755);
    CHECK(all[0].entry.uid == 1000);
    CHECK(all[0].entry.gid == 100);
    CHECK(all[0].entry.mtime == 1700000000);
    CHECK(all[0].entry.user_name == "someone");
    CHECK(all[0].entry.group_name == "users");
    CHECK(all[1].entry.type == EntryType::char_device);
    CHECK(all[1].entry.mode == 01620);
    CHECK(all[1].entry.device_major == 4);
    CHECK(all[1].entry.device_minor == 64);
    CHECK(all[2].entry.type == EntryType::block_device);
    CHECK(all[3].entry.type == EntryType::fifo);
    CHECK(all[4].entry.path == "a/long/prefix/file");
    CHECK(all[5].entry.path == "old");
    CHECK(all[6].entry.type == EntryType::directory);
    CHECK(all[7].entry.type == EntryType::file);
    CHECK(all[7].content == "abc");
}

TEST_CASE("LAY-01 GNU long names, long links and base-256 numbers") {
    const std::string name = "a/" + std::string(200, 'n') + "/" + std::string(250, 'm');
    const std::string target = "t/" + std::string(240, 'l');
    TarBuilder tar;
    tar.gnu_long('L', name).file("short", "1");
    tar.gnu_long('K', target).gnu_long('L', name + "2").symlink("short", "cut");
    tar.add({.name = "ids", .uid_field = test::base256(5000000, 8)});
    tar.add({.name = "nobody", .uid_field = test::base256(-2, 8)});
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 4);
    CHECK(all[0].entry.path == name);
    CHECK(all[0].content == "1");
    CHECK(all[1].entry.path == name + "2");
    CHECK(all[1].entry.link_target == target);
    CHECK(all[2].entry.uid == 5000000);
    CHECK(all[3].entry.uid == 4294967294);
}

TEST_CASE("LAY-18 PAX records replace what a header cannot say") {
    const std::string name = "deep/" + std::string(250, 'p') + "/" + std::string(251, 'q');
    TarBuilder tar;
    tar.pax({{"path", name},
             {"mtime", "1700000000.123456789"},
             {"uid", "3000000"},
             {"gid", "4000000"},
             {"uname", "long-user-name-that-fits-nowhere-at-all"}})
        .file("short", "content");
    tar.pax({{"mtime", "-100"}, {"linkpath", std::string(200, 'k')}}).symlink("l", "cut");
    tar.pax({{"mtime", "9000000000"}}).file("future", "");
    tar.pax({{"size", "5"}})
        .add({.name = "sized", .content = "12345", .size_field = "00000000000"});
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 4);
    CHECK(all[0].entry.path == name);
    CHECK(all[0].entry.mtime == 1700000000);
    CHECK(all[0].entry.mtime_nanoseconds == 123456789);
    CHECK(all[0].entry.uid == 3000000);
    CHECK(all[0].entry.gid == 4000000);
    CHECK(all[0].entry.user_name == "long-user-name-that-fits-nowhere-at-all");
    CHECK(all[0].content == "content");
    CHECK(all[1].entry.mtime == -100);
    CHECK(all[1].entry.link_target == std::string(200, 'k'));
    CHECK(all[2].entry.mtime == 9000000000);
    CHECK(all[3].content == "12345");
}

TEST_CASE("LAY-16 extended attributes keep their bytes") {
    const std::string binary("\x01=\n\0\xff", 5);
    TarBuilder tar;
    tar.pax({{"SCHILY.xattr.user.binary", binary},
             {"SCHILY.xattr.user.empty", ""},
             {"LIBARCHIVE.xattr.user.b64", "AQID"},
             {"LIBARCHIVE.xattr.user.a%20b", "eA"},
             {"RHT.security.selinux", "system_u:object_r:bin_t:s0"}})
        .file("f", "");
    tar.file("none", "");
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 2);
    const auto& xattrs = all[0].entry.xattrs;
    REQUIRE(xattrs.count("user.binary") == 1);
    CHECK(xattrs.at("user.binary") == binary);
    CHECK(xattrs.count("user.empty") == 1);
    REQUIRE(xattrs.count("user.b64") == 1);
    CHECK(xattrs.at("user.b64") == "\x01\x02\x03");
    REQUIRE(xattrs.count("user.a b") == 1);
    REQUIRE(xattrs.count("security.selinux") == 1);
    CHECK(xattrs.at("security.selinux") == "system_u:object_r:bin_t:s0");
    CHECK(all[1].entry.xattrs.empty());
}

TEST_CASE("LAY-19 global PAX headers are no entries and change none") {
    TarBuilder tar;
    tar.pax({{"comment", "0123456789abcdef"}, {"path", "wrong"}, {"mtime", "5"}}, 'g');
    tar.file("right", "content");
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 1);
    CHECK(all[0].entry.path == "right");
    CHECK(all[0].entry.mtime == 0);
    CHECK(all[0].content == "content");
}

TEST_CASE("LAY-20 sparse files have their expanded size and content") {
    TarBuilder tar;
    tar.pax({{"GNU.sparse.major", "1"},
             {"GNU.sparse.minor", "0"},
             {"GNU.sparse.name", "holes"},
             {"GNU.sparse.realsize", "100000"}});
    std::string map = "2\n50000\n4\n99990\n3\n";
    map.resize(512, '\0');
    tar.file("GNUSparseFile.0/holes", map + "dataend");
    tar.file("next", "after");
    std::string expanded(100000, '\0');
    expanded.replace(50000, 4, "data");
    expanded.replace(99990, 3, "end");
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 2);
    CHECK(all[0].entry.path == "holes");
    CHECK(all[0].entry.size == 100000);
    CHECK(all[0].content == expanded);
    CHECK(all[1].content == "after");
}

TEST_CASE("T-21 a sparse file of many bytes is listed, but not unpacked without end") {
    TarBuilder tar;
    tar.pax({{"GNU.sparse.major", "1"},
             {"GNU.sparse.minor", "0"},
             {"GNU.sparse.name", "huge"},
             {"GNU.sparse.realsize", "9000000000000000000"}});
    std::string map = "1\n8999999999999999999\n1\n";
    map.resize(512, '\0');
    tar.file("GNUSparseFile.0/huge", map + "x");
    CHECK(names(tar.finish()) == std::vector<std::string>{"huge"});
    LayerReader reader(std::make_unique<stream::StringSource>(tar.finish()),
                       {.max_content_bytes = 10000000});
    REQUIRE(reader.next() != nullptr);
    CHECK_THROWS_AS(content_of(reader, 65536), base::IntegrityError);
}

TEST_CASE("LAY-13 payload of a hard link is passed over") {
    TarBuilder tar;
    tar.pax({{"mtime", "1"}}).file("a", "one");
    tar.pax({{"mtime", "1"}})
        .add({.name = "b", .type = '1', .content = std::string(2000, 'p'), .link = "a"});
    tar.file("c", "two");
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 3);
    CHECK(all[1].entry.type == EntryType::hardlink);
    CHECK(all[1].entry.size == 0);
    CHECK(all[1].content.empty());
    CHECK(all[2].content == "two");
}

TEST_CASE("LAY-13 a size without payload, as old archivers give to links, is no payload") {
    TarBuilder tar;
    tar.file("a", "one");
    tar.add({.name = "b", .type = '1', .link = "a", .size_field = "00000000003"});
    tar.file("c", "two");
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == 3);
    CHECK(all[1].entry.size == 0);
    CHECK(all[2].content == "two");
}

TEST_CASE("LAY-28 names are raw bytes in any locale") {
    const char* locale = GENERATE("C", "C.UTF-8");
    const Locale scope(locale);
    CAPTURE(locale);
    const std::string latin = "caf\xe9";
    const std::string utf8 = "caf\xc3\xa9";
    const std::string decomposed = "cafe\xcc\x81";
    const std::string invalid = "\xff\xfe\xc3(";
    const std::vector<std::string> all_names = {latin,   utf8,       decomposed,
                                                invalid, "\xe2\x82", "\\x"};
    TarBuilder tar;
    for (const std::string& name : all_names) {
        tar.add({.name = name, .user = latin, .group = utf8});
        tar.gnu_long('L', name + std::string(120, 'x')).file("short", "");
        tar.pax({{"path", "pax/" + name}, {"uname", utf8}}).file("short", "");
        tar.pax({{"linkpath", "to/" + name}}).symlink(name, "short");
        tar.pax({{"linkpath", "to/" + name}, {"path", "l" + name}}).hardlink("short", "short");
        tar.pax({{"hdrcharset", "BINARY"}, {"path", "bin/" + name}}).file("short", "");
    }
    const auto all = read_layer(tar.finish());
    REQUIRE(all.size() == all_names.size() * 6);
    for (std::size_t i = 0; i < all_names.size(); ++i) {
        const std::string& name = all_names[i];
        CHECK(all[6 * i].entry.path == name);
        CHECK(all[6 * i].entry.user_name == latin);
        CHECK(all[6 * i].entry.group_name == utf8);
        CHECK(all[6 * i + 1].entry.path == name + std::string(120, 'x'));
        CHECK(all[6 * i + 2].entry.path == "pax/" + name);
        CHECK(all[6 * i + 2].entry.user_name == utf8);
        CHECK(all[6 * i + 3].entry.path == name);
        CHECK(all[6 * i + 3].entry.link_target == "to/" + name);
        CHECK(all[6 * i + 4].entry.path == "l" + name);
        CHECK(all[6 * i + 4].entry.link_target == "to/" + name);
        CHECK(all[6 * i + 5].entry.path == "bin/" + name);
    }
}

TEST_CASE("LAY-25 what follows the end marker is read, hashed and not shown") {
    TarBuilder second;
    second.file("hidden", "x");
    const std::string tail =
        GENERATE_COPY(std::string(), std::string(9000, '\0'), second.finish(), test::noise(600000));
    TarBuilder tar;
    tar.file("shown", "x");
    const std::string bytes = tar.finish() + tail;
    CHECK(names(bytes) == std::vector<std::string>{"shown"});
    LayerReader reader(std::make_unique<stream::VerifyingSource>(
        std::make_unique<stream::StringSource>(bytes),
        stream::Expectation{model::Digest::sha256_of("else"), std::nullopt}));
    REQUIRE(reader.next() != nullptr);
    CHECK_THROWS_AS(reader.next(), base::IntegrityError);
}

TEST_CASE("LAY-01 nothing, and zeros alone, are an empty layer") {
    for (const std::size_t size : {0U, 512U, 1024U, 10240U, 1000000U}) {
        CAPTURE(size);
        CHECK(names(std::string(size, '\0')).empty());
    }
}

TEST_CASE("content may be left unread, or read in part") {
    TarBuilder tar;
    tar.file("a", test::noise(600000)).file("b", "second").file("c", "third");
    LayerReader reader(std::make_unique<stream::StringSource>(tar.finish()));
    std::array<std::byte, 10> out{};
    CHECK(reader.read_content(out) == 0);
    REQUIRE(reader.next() != nullptr);
    CHECK(reader.read_content(out) == 10);
    REQUIRE(reader.next() != nullptr);
    REQUIRE(reader.next() != nullptr);
    CHECK(content_of(reader) == "third");
    CHECK(reader.next() == nullptr);
    CHECK(reader.read_content(out) == 0);
}

TEST_CASE("LAY-01 content that is passed over unread, and where it lies") {
    const std::string tar = TarBuilder()
                                .file("a", std::string(5000, 'a'))
                                .symlink("b", "a")
                                .file("c", "third")
                                .finish();
    std::size_t position = 0;

    class Skipping final : public stream::Source {
      public:
        Skipping(const std::string& bytes, std::size_t& at) : bytes_(bytes), at_(at) {}

        std::size_t read(std::span<std::byte> out) override {
            const auto rest = base::as_bytes(bytes_).subspan(at_);
            const std::size_t count = std::min<std::size_t>({512, rest.size(), out.size()});
            std::copy_n(rest.begin(), count, out.begin());
            at_ += count;
            return count;
        }

      private:
        const std::string& bytes_;
        std::size_t& at_;
    };

    std::uint64_t skipped = 0;
    const auto skip = [&](std::uint64_t count) {
        const std::uint64_t passed = std::min<std::uint64_t>(count, tar.size() - position);
        position += passed;
        skipped += passed;
        return passed;
    };
    LayerReader reader(std::make_unique<Skipping>(tar, position), {}, {"the archive", skip});
    std::vector<std::string> found;
    while (const Entry* entry = reader.next()) {
        found.push_back(entry->path + "=" + tar.substr(reader.content_offset(), 5));
    }
    CHECK(found[0] == "a=aaaaa");
    CHECK(found.back() == "c=third");
    CHECK(skipped >= 4096);
}
