#include "regtool/base/partial_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool::base;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "regtool-part-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }

    ~Folder() { fs::remove_all(path); }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }

    fs::path path;
};

}  // namespace

TEST_CASE("BLB-08 what a killed run left is found by the next") {
    const Folder folder;
    {
        PartialFile first(folder.path / "file", "key");
        CHECK(first.held() == 0);
        first.write(as_bytes("begin"));
        first.keep();
    }
    CHECK_FALSE(fs::exists(folder.path / "file"));
    PartialFile second(folder.path / "file", "key");
    CHECK(second.held() == 5);
    std::string text(5, ' ');
    REQUIRE(read(second.rewind(), text.data(), 5) == 5);
    CHECK(text == "begin");
    second.write(as_bytes("+end"));
    second.commit();
    CHECK(read_file(folder.path / "file", 100) == "begin+end");
    CHECK(folder.files() == 1);
}

TEST_CASE("F-23 a part that is not kept is removed, and another content begins anew") {
    const Folder folder;
    {
        PartialFile part(folder.path / "file", "key");
        part.write(as_bytes("x"));
    }
    CHECK(folder.files() == 0);
    {
        PartialFile part(folder.path / "file", "key");
        part.write(as_bytes("x"));
        part.keep();
    }
    CHECK(PartialFile(folder.path / "file", "other").held() == 0);
    PartialFile again(folder.path / "file", "key");
    again.restart();
    CHECK(again.held() == 0);
    again.write(as_bytes("new"));
    again.commit();
    CHECK(read_file(folder.path / "file", 100) == "new");
}

TEST_CASE("F-35 two writers do not mix") {
    const Folder folder;
    PartialFile first(folder.path / "file", "key");
    CHECK_THROWS_AS(PartialFile(folder.path / "file", "key"), IoError);
    first.write(as_bytes("x"));
    first.commit();
    CHECK(read_file(folder.path / "file", 100) == "x");
}

TEST_CASE("T-43 a planted link or pipe is refused") {
    const Folder folder;
    fs::create_symlink("/etc/passwd", folder.path / ".regtool-key.part");
    CHECK_THROWS_AS(PartialFile(folder.path / "file", "key"), IoError);
    REQUIRE(mkfifo((folder.path / ".regtool-pipe.part").c_str(), 0600) == 0);
    CHECK_THROWS_AS(PartialFile(folder.path / "file", "pipe"), IoError);
    CHECK_THROWS_AS(PartialFile("/nonexistent/folder/file", "key"), IoError);
}
