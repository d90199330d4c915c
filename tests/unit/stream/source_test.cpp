#include "regtool/stream/source.hpp"

#include <unistd.h>

#include <array>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe(ends.data()) == 0);
        out = base::UniqueFd(ends[0]);
        in = base::UniqueFd(ends[1]);
    }

    base::UniqueFd in;
    base::UniqueFd out;
};

}  // namespace

TEST_CASE("a string source hands over its bytes once") {
    StringSource source("hello world");
    CHECK(test::read_all(source, 3) == "hello world");
    StringSource empty("");
    CHECK(test::read_all(empty).empty());
}

TEST_CASE("a string sink takes its limit and not a byte more") {
    StringSink sink(5);
    sink.write(base::as_bytes("hello"));
    CHECK(sink.text() == "hello");
    CHECK_THROWS_AS(sink.write(base::as_bytes("!")), base::InvalidDocument);
}

TEST_CASE("a descriptor sink gathers small pieces and writes them at flush") {
    Pipe pipe;
    FdSink sink(pipe.in.get(), "pipe");
    sink.write(base::as_bytes("small "));
    sink.write(base::as_bytes("pieces"));
    sink.flush();
    sink.flush();
    pipe.in = base::UniqueFd();
    FdSource source(pipe.out.get(), "pipe");
    CHECK(test::read_all(source) == "small pieces");
}

TEST_CASE("a descriptor sink keeps the order of small and large writes") {
    std::array<char, 32> name{"/tmp/regtool-sink-XXXXXX"};
    const base::UniqueFd file(::mkstemp(name.data()));
    REQUIRE(file.valid());
    ::unlink(name.data());
    FdSink sink(file.get(), "file");
    std::string all;
    for (const std::size_t size : {10U, 300000U, 7U, 262144U, 262143U, 2U, 100000U, 200000U}) {
        const std::string piece = test::noise(size, static_cast<std::uint32_t>(size));
        sink.write(base::as_bytes(piece));
        all += piece;
    }
    sink.flush();
    REQUIRE(::lseek(file.get(), 0, SEEK_SET) == 0);
    FdSource source(file.get(), "file");
    CHECK(test::read_all(source) == all);
}

TEST_CASE("a descriptor that cannot be read is an IoError") {
    FdSource source(-1, "nothing");
    std::array<std::byte, 1> out{};
    CHECK_THROWS_AS(source.read(out), base::IoError);
}

TEST_CASE("pump moves everything and counts") {
    const std::string bytes = test::noise(700000);
    test::SlowSource source(bytes, 10007);
    StringSink sink(bytes.size());
    CHECK(pump(source, sink) == bytes.size());
    CHECK(sink.text() == bytes);
}

TEST_CASE("two sources of one file do not move each other") {
    const base::UniqueFd file = base::open_unnamed_file();
    stream::FdSink sink(file.get(), "a file");
    sink.write(base::as_bytes("abcdef"));
    sink.flush();
    stream::PositionedSource one(file.get(), "a file");
    stream::PositionedSource two(file.get(), "a file", 1);
    std::byte block[4];
    CHECK(one.read(block) == 4);
    CHECK(test::read_all(two) == "bcdef");
    CHECK(test::read_all(one) == "ef");
}
