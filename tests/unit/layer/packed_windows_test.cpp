#include "regtool/layer/packed_windows.hpp"

#include <cstdlib>
#include <string>

#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::layer;

namespace {

base::UniqueFd file_with(const std::string& bytes) {
    base::UniqueFd file = base::open_unnamed_file();
    base::write_all(file.get(), base::as_bytes(bytes), "a file");
    return file;
}

}  // namespace

TEST_CASE("windows come back as they were added, also those that are too many for memory") {
    constexpr std::size_t kBytes = 30'000;
    PackedWindows windows;
    for (std::uint32_t i = 0; i < 100; ++i) {
        windows.add(test::noise(kBytes, i));
    }
    CHECK(windows.size() == 100 * kBytes);
    for (const std::uint32_t i : {0U, 1U, 33U, 99U}) {
        CHECK(windows.read(i * kBytes, kBytes) == test::noise(kBytes, i));
    }
    CHECK_THROWS_AS(windows.read(100 * kBytes - 1, 2), base::InvalidDocument);
    CHECK_THROWS_AS(windows.read(~std::uint64_t{0}, 2), base::InvalidDocument);
}

TEST_CASE("windows of a file are those behind its beginning, however many") {
    for (const std::size_t count : std::initializer_list<std::size_t>{0, 10, 3'000'000}) {
        const std::string bytes = test::noise(count);
        const PackedWindows windows(file_with("begin" + bytes), 5, count);
        CHECK(windows.size() == count);
        CHECK(windows.read(0, count) == bytes);
        CHECK(windows.read(count / 2, count / 4) == bytes.substr(count / 2, count / 4));
    }
}

TEST_CASE("a file of windows that became shorter is said to be cut") {
    const PackedWindows windows(file_with("begin"), 5, 3'000'000);
    CHECK_THROWS_AS(windows.read(0, 10), base::InvalidDocument);
}

TEST_CASE("windows that find no room fail only who reads them") {
    ::setenv("TMPDIR", "/nowhere/at/all", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    PackedWindows windows;
    for (int i = 0; i < 100; ++i) {
        windows.add(std::string(30'000, 'w'));
    }
    ::unsetenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    CHECK(windows.size() == 3'000'000);
    CHECK_FALSE(windows.readable());
    CHECK_THROWS_AS(windows.read(0, 10), base::IoError);
}
