#include "regtool/stream/pipe.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

namespace {

std::string drain(BoundedPipe& pipe, std::size_t step) {
    std::string all;
    std::vector<std::byte> block(step);
    for (std::size_t n = pipe.read(block); n != 0; n = pipe.read(block)) {
        all += base::as_text(std::span(block).first(n));
    }
    return all;
}

}  // namespace

TEST_CASE("a pipe carries every byte in order, whatever the sizes") {
    struct Case {
        std::size_t capacity, write, read, total;
    };

    const auto c =
        GENERATE(Case{1, 1, 1, 300}, Case{1, 7, 3, 300}, Case{2, 5, 64, 300}, Case{3, 2, 2, 300},
                 Case{100, 33, 1000, 10000}, Case{65536, 16384, 65536, 3000000},
                 Case{65537, 16384, 262144, 3000000}, Case{200000, 300000, 4096, 3000000},
                 Case{kPipeCapacityBytes, 16384, 262144, 9000000},
                 Case{kPipeCapacityBytes, 2000000, 100000, 9000000});
    CAPTURE(c.capacity, c.write, c.read);
    const std::string bytes = test::noise(c.total);
    BoundedPipe pipe(c.capacity);
    std::jthread writer([&] {
        for (std::size_t at = 0; at < bytes.size(); at += c.write) {
            pipe.write(base::as_bytes(std::string_view(bytes).substr(at, c.write)));
        }
        pipe.close();
    });
    CHECK(drain(pipe, c.read) == bytes);
}

TEST_CASE("a full pipe holds its writer back") {
    BoundedPipe pipe(1000);
    std::atomic<std::size_t> written = 0;
    std::jthread writer([&] {
        for (int i = 0; i < 20; ++i) {
            pipe.write(base::as_bytes(std::string(100, 'x')));
            written += 100;
        }
        pipe.close();
    });
    while (written < 1000) {
        std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(written == 1000);
    CHECK(drain(pipe, 64).size() == 2000);
}

TEST_CASE("a few bytes before a stall reach the reader without more behind them") {
    BoundedPipe pipe;
    pipe.write(base::as_bytes("few"));
    std::array<std::byte, 16> out{};
    CHECK(pipe.read(out) == 3);
    std::jthread writer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        pipe.write(base::as_bytes("more"));
    });
    CHECK(pipe.read(out) == 4);
}

TEST_CASE("bytes written before an abort are delivered, then the very error") {
    BoundedPipe pipe;
    pipe.write(base::as_bytes("before"));
    pipe.abort(std::make_exception_ptr(base::NotFound("gone")));
    pipe.close();
    std::array<std::byte, 4> out{};
    CHECK(pipe.read(out) == 4);
    CHECK(pipe.read(out) == 2);
    CHECK_THROWS_AS(pipe.read(out), base::NotFound);
}

TEST_CASE("a writer hears that its reader is gone") {
    SECTION("at the next write") {
        BoundedPipe pipe;
        pipe.close_reader();
        CHECK_THROWS_AS(pipe.write(base::as_bytes("x")), BoundedPipe::PipeClosed);
    }
    SECTION("while it waits for room") {
        BoundedPipe pipe(10);
        std::atomic<bool> told = false;
        {
            std::jthread writer([&] {
                try {
                    pipe.write(base::as_bytes(std::string(100, 'x')));
                } catch (const BoundedPipe::PipeClosed&) {
                    told = true;
                }
            });
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            pipe.close_reader();
        }
        CHECK(told);
    }
}

TEST_CASE("a producer's bytes arrive and its end is the end") {
    const std::string bytes = test::noise(3000000);
    ProducerSource source([&bytes](Sink& sink, const std::stop_token&) {
        for (std::size_t at = 0; at < bytes.size(); at += 16384) {
            sink.write(base::as_bytes(std::string_view(bytes).substr(at, 16384)));
        }
    });
    CHECK(test::read_all(source) == bytes);
}

TEST_CASE("T-54 a producer's exception reaches the reader as it is, after the bytes before it") {
    ProducerSource source([](Sink& sink, const std::stop_token&) {
        sink.write(base::as_bytes("some"));
        throw base::TransportError(base::TransportPhase::receive, true, "connection reset");
    });
    std::array<std::byte, 16> out{};
    REQUIRE(source.read(out) == 4);
    try {
        static_cast<void>(source.read(out));
        FAIL("no error");
    } catch (const base::TransportError& error) {
        CHECK(error.retryable());
        CHECK(error.message() == "connection reset");
    }
}

TEST_CASE("T-54 a reader that leaves ends its producer") {
    std::atomic<bool> closed = false;
    std::atomic<bool> stopped = false;
    {
        ProducerSource endless([&](Sink& sink, const std::stop_token& stop) {
            const std::string block(65536, 'x');
            try {
                for (;;) {
                    sink.write(base::as_bytes(block));
                }
            } catch (const BoundedPipe::PipeClosed&) {
                closed = true;
                stopped = stop.stop_requested();
                throw;
            }
        });
        std::array<std::byte, 100> out{};
        CHECK(endless.read(out) == 100);
    }
    CHECK(closed);
    CHECK(stopped);
}

TEST_CASE("T-54 a producer that waits for something else is told to stop") {
    std::atomic<bool> ended = false;
    {
        ProducerSource idle([&](Sink&, const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                std::this_thread::yield();
            }
            ended = true;
        });
    }
    CHECK(ended);
}
