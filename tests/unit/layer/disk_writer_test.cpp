#include "regtool/layer/disk_writer.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

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

TEST_CASE("LAY-21 devices and sockets are counted, not made") {
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

TEST_CASE("LAY-29 T-50 a name that the file system takes for another of the image is refused") {
    const test::TempDir dir;
    const fs::path root = dir.path() / "root";
    // What a file system does on which case does not count: the second name finds the first object.
    const auto fold = [&root](const char* from, const char* to) {
        fs::rename(root / from, root / to);
    };
    const Entry link = entry_of(EntryType::symlink, 0777, "/etc");
    const auto collide = [&](const Collisions collisions) {
        DiskWriter disk(root.string(), {.collisions = collisions});
        put(disk, "A", "first");
        fold("A", "a");
        put(disk, "a", "second");
    };
    CHECK_THROWS_AS(collide(Collisions::refuse), base::IntegrityError);
    CHECK(content_of(root / "a") == "first");
    collide(Collisions::allow);
    CHECK(content_of(root / "a") == "second");
    collide(Collisions::refuse_where_case_folds);  // which it does not here

    DiskWriter disk(root.string(), {.collisions = Collisions::refuse});
    put(disk, "a", "of an earlier run: replaced");
    disk.begin_folder("D");
    fold("D", "d");
    CHECK_THROWS_AS(disk.begin_folder("d"), base::IntegrityError);
    CHECK_THROWS_AS(put(disk, "d", "x"), base::IntegrityError);
    disk.other("L", link);
    fold("L", "l");
    CHECK_THROWS_AS(disk.begin_folder("l"), base::IntegrityError);
    CHECK_THROWS_AS(disk.other("l", link), base::IntegrityError);
    CHECK_THROWS_AS(disk.link("l", "a"), base::IntegrityError);
    CHECK(fs::is_symlink(root / "l"));
    CHECK(std::distance(fs::directory_iterator(root), {}) == 3);  // no probe is left behind
}

TEST_CASE("LAY-17 attributes that cannot be set are counted, the file is there all the same") {
    const test::TempDir dir;
    DiskWriter disk(dir.path().string(), {});
    Entry entry = entry_of(EntryType::file, 0644);
    entry.xattrs["no-namespace"] = "v";
    entry.xattrs["unknown.namespace"] = "v";
    stream::StringSource content("content");
    disk.file("f", entry, content);
    CHECK(disk.counts().xattrs == 2);
    CHECK(content_of(dir.path() / "f") == "content");
}

TEST_CASE("LAY-16 attributes of overlay file systems are left out") {
    const test::TempDir dir;
    DiskWriter disk(dir.path().string(), {});
    Entry entry = entry_of(EntryType::directory, 0755);
    for (const char* name : {"user.overlay.opaque", "trusted.overlay.opaque", "user.note"}) {
        entry.xattrs[name] = "y";
    }
    disk.begin_folder("d");
    disk.end_folder("d", entry);
    const std::string folder = (dir.path() / "d").string();
    CHECK(::lgetxattr(folder.c_str(), "user.overlay.opaque", nullptr, 0) < 0);
    CHECK(::lgetxattr(folder.c_str(), "trusted.overlay.opaque", nullptr, 0) < 0);
    CHECK((::lgetxattr(folder.c_str(), "user.note", nullptr, 0) == 1) ==
          (disk.counts().xattrs == 0));
}

TEST_CASE("LAY-23 owners are numbers; only root sets them") {
    const test::TempDir dir;
    DiskWriter disk(dir.path().string(), {});
    Entry entry = entry_of(EntryType::file, 0644);
    entry.uid = 12345;
    entry.gid = 54321;
    entry.user_name = "root";
    entry.group_name = "root";
    stream::StringSource content("");
    disk.file("f", entry, content);
    const bool root = ::geteuid() == 0;
    CHECK(facts_of(dir.path() / "f").st_uid == (root ? 12345 : ::geteuid()));
    CHECK(facts_of(dir.path() / "f").st_gid == (root ? 54321 : ::getegid()));
}
