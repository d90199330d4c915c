#include "regtool/base/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool::base;
namespace fs = std::filesystem;

namespace {

class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "regtool-fd-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }

    ~Folder() { fs::remove_all(path_); }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;

    [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }

    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

  private:
    fs::path path_;
};

std::string content_of(const fs::path& path) {
    return read_file(path, 1000);
}

}  // namespace

TEST_CASE("T-43 a file appears under its name only when committed, whole") {
    const Folder folder;
    std::ofstream(folder / "file") << "old";
    {
        AtomicFile file(folder / "file");
        file.write(as_bytes("new and longer"));
        CHECK(content_of(folder / "file") == "old");

        struct stat status {};

        REQUIRE(stat(file.temporary_path().c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        file.commit();
    }
    CHECK(content_of(folder / "file") == "new and longer");
    CHECK(folder.files() == 1);
}

TEST_CASE("T-43 a file that is not committed leaves the old one and no trace") {
    const Folder folder;
    std::ofstream(folder / "file") << "old";
    {
        AtomicFile file(folder / "file");
        file.write(as_bytes("half"));
    }
    CHECK(content_of(folder / "file") == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("F-22 a folder that is not there is an error that names it") {
    CHECK_THROWS_AS(AtomicFile("/nonexistent/folder/file"), IoError);
}

TEST_CASE("F-24 a closed pipe is told apart from other failures") {
    (void)std::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const UniqueFd writer(ends[1]);
    close(ends[0]);
    CHECK_THROWS_AS(write_all(writer.get(), as_bytes("x"), "pipe"), ClosedPipe);
    const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
    CHECK_THROWS_AS(write_all(full.get(), as_bytes("x"), "/dev/full"), IoError);
}

TEST_CASE("T-45 only regular files of a bounded size are read") {
    const Folder folder;
    std::ofstream(folder / "file") << "12345";
    CHECK(read_file(folder / "file", 5) == "12345");
    CHECK_THROWS_AS(read_file(folder / "file", 4), IoError);
    CHECK_THROWS_AS(read_file(folder / "absent", 4), IoError);
    CHECK_THROWS_AS(read_file("/dev/zero", 4), IoError);
    REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
    CHECK_THROWS_AS(read_file(folder / "fifo", 4), IoError);  // and does not wait for a writer
}

TEST_CASE("T-19 an unnamed file holds bytes and leaves no name") {
    const Folder folder;
    ::setenv("TMPDIR", (folder / "").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    const UniqueFd fd = open_unnamed_file();
    CHECK(folder.files() == 0);
    write_all(fd.get(), as_bytes("kept"), "test");
    std::array<char, 8> read{};
    CHECK(::pread(fd.get(), read.data(), read.size(), 0) == 4);
    ::setenv("TMPDIR", (folder / "missing").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    CHECK_THROWS_AS(open_unnamed_file(), IoError);
    ::unsetenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
}
