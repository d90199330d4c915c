#include "regtool/base/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;

TEST_CASE("a file that was named appears when it is committed, and not before") {
    const test::TempDir folder;
    const auto path = folder.path() / "out";
    {
        base::OutputFile dropped(path);
        dropped.write(base::as_bytes("half"));
    }
    CHECK_FALSE(std::filesystem::exists(path));
    base::OutputFile out(path);
    REQUIRE(out.file() != nullptr);
    out.write(base::as_bytes("whole"));
    out.commit();
    CHECK(base::read_file(path, 100) == "whole");
}

TEST_CASE("pipes and devices stay what they are") {
    const test::TempDir folder;
    const auto path = folder.path() / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const base::UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(base::is_written_straight(path));
    base::OutputFile out(path);
    CHECK(out.file() == nullptr);
    out.write(base::as_bytes("through"));
    std::string got(7, '\0');
    CHECK(::read(reader.get(), got.data(), got.size()) == 7);
    CHECK(got == "through");
    out.commit();
    CHECK(std::filesystem::is_fifo(path));
    base::OutputFile full("/dev/full");
    CHECK_THROWS_AS(full.write(base::as_bytes("x")), base::IoError);
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a descriptor's name is no name for a file, though it leads to one") {
    const test::TempDir folder;
    const auto path = folder.path() / "out";
    const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    for (const char* names : {"/dev/fd/", "/proc/self/fd/"}) {
        CAPTURE(names);
        CHECK(base::is_written_straight(names + std::to_string(fd.get())));
    }
    CHECK_FALSE(base::is_written_straight(path));
    CHECK_FALSE(base::is_written_straight(folder.path() / "missing"));
    CHECK_FALSE(base::is_written_straight("no/such/folder/missing"));
}
