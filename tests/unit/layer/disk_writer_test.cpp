#include "regtool/layer/disk_writer.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::layer;
namespace fs = std::filesystem;

namespace {

Entry entry_of(EntryType type, std::uint32_t mode, std::string target = "") {
    Entry entry;
    entry.type = type;
    entry.mode = mode;
    entry.uid = ::geteuid();
    entry.gid = ::getegid();
    entry.mtime = 1'600'000'000;
    entry.link_target = std::move(target);
    return entry;
}

void put(DiskWriter& disk, const std::string& path, const std::string& text) {
    stream::StringSource content(text);
    disk.file(path, entry_of(EntryType::file, 0640), content);
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct stat facts_of(const fs::path& path) {
    struct stat facts {};

    REQUIRE(::lstat(path.c_str(), &facts) == 0);
    return facts;
}

}  // namespace

TEST_CASE("LAY-24 files, links and folders with their modes and times") {
    const test::TempDir dir;
    const fs::path root = dir.path() / "root";
    DiskWriter disk(root.string(), {});
    disk.begin_folder("d");
    disk.begin_folder("d/e");
    put(disk, "d/e/f", "content");
    disk.link("d/g", "d/e/f");
    disk.other("l", entry_of(EntryType::symlink, 0777, "d/e"));
    disk.end_folder("d/e", entry_of(EntryType::directory, 0500));
    disk.end_folder("d", entry_of(EntryType::directory, 0755));
    CHECK(content_of(root / "d/g") == "content");
    CHECK(facts_of(root / "d/e/f").st_nlink == 2);
    CHECK((facts_of(root / "d/e/f").st_mode & 07777) == 0640);
    CHECK((facts_of(root / "d/e").st_mode & 07777) == 0500);
    CHECK(facts_of(root / "d").st_mtime == 1'600'000'000);
    CHECK(facts_of(root / "l").st_mtime == 1'600'000'000);
    CHECK(fs::read_symlink(root / "l") == "d/e");
    CHECK(disk.counts().files == 3);
    disk.begin_folder("d/e");  // again, as a second run does
    put(disk, "d/e/f", "new");
    CHECK(content_of(root / "d/e/f") == "new");
    CHECK(content_of(root / "d/g") == "content");
}

TEST_CASE("T-14 no link is followed, whoever made it") {
    const test::TempDir dir;
    const fs::path outside = dir.path() / "outside";
    fs::create_directories(outside / "sub");
    const fs::path root = dir.path() / "root";
    DiskWriter disk(root.string(), {});
    disk.other("out", entry_of(EntryType::symlink, 0777, outside.string()));
    CHECK_THROWS_AS(put(disk, "out/evil", "x"), base::IoError);
    CHECK_THROWS_AS(put(disk, "out/sub/evil", "x"), base::IoError);
    put(disk, "f", "x");
    CHECK_THROWS_AS(disk.link("out/f", "f"), base::IoError);
    CHECK_THROWS_AS(disk.link("g", "out/sub"), base::IoError);
    CHECK_THROWS_AS(disk.end_folder("out", entry_of(EntryType::directory, 0777)), base::IoError);
    CHECK(std::distance(fs::directory_iterator(outside), {}) == 1);
    disk.begin_folder("out");  // the link gives way
    put(disk, "out/evil", "x");
    CHECK(std::distance(fs::directory_iterator(outside), {}) == 1);
}

TEST_CASE("devices and sockets are counted, not made") {
    const test::TempDir dir;
    DiskWriter disk(dir.path().string(), {});
    disk.other("null", entry_of(EntryType::char_device, 0666));
    disk.other("pipe", entry_of(EntryType::fifo, 0666));
    disk.other("socket", entry_of(EntryType::socket, 0666));
    CHECK(disk.counts().devices == 2);
    CHECK(disk.counts().sockets == 1);
    CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("a folder with something in it is not removed to make room") {
    const test::TempDir dir;
    dir.put("a/precious", "!");
    DiskWriter disk(dir.path().string(), {});
    CHECK_THROWS_AS(put(disk, "a", "x"), base::IoError);
    CHECK(content_of(dir.path() / "a/precious") == "!");
}
