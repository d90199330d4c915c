#include "regtool/stream/checkpoint.hpp"

#include <algorithm>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/stream/compress.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

namespace {

/// Text with repetitions from near and far, so that windows are referred to.
std::string sample(std::size_t size) {
    std::string bytes;
    for (std::uint32_t seed = 1; bytes.size() < size; ++seed) {
        bytes += test::noise(100, seed);
        bytes += std::string(60, static_cast<char>('a' + seed % 26));
        const std::size_t back = std::min<std::size_t>(bytes.size(), 30'000);
        bytes += bytes.substr(bytes.size() - back, 300);
    }
    bytes.resize(size);
    return bytes;
}

std::vector<Checkpoint> checkpoints_of(const std::string& packed,
                                       const std::string& plain,
                                       std::uint64_t spacing,
                                       std::size_t step = 65536) {
    std::vector<Checkpoint> found;
    const CheckpointRequest request{[&found](Checkpoint c) { found.push_back(std::move(c)); },
                                    spacing, spacing};
    DecompressingSource source(std::make_unique<test::SlowSource>(packed, step), {}, request);
    CHECK(test::read_all(source, 100'000) == plain);
    return found;
}

/// What comes from a checkpoint on is what a read from the beginning gives there.
void check_resumable(const std::string& packed,
                     const std::string& plain,
                     const std::vector<Checkpoint>& checkpoints) {
    for (const Checkpoint& from : checkpoints) {
        REQUIRE(from.packed < packed.size());
        REQUIRE(from.plain <= plain.size());
        DecompressingSource source(
            std::make_unique<test::SlowSource>(packed.substr(from.packed), 5000), from);
        CHECK(test::read_all(source) == plain.substr(from.plain));
    }
}

}  // namespace

TEST_CASE("a gzip stream can be resumed at each of its checkpoints") {
    const std::string plain = sample(2'000'000);
    for (const int level : {1, 6, 9}) {
        const std::string packed = test::gzip(plain, level);
        for (const std::size_t step : {std::size_t{65536}, std::size_t{777}}) {
            const auto found = checkpoints_of(packed, plain, 200'000, step);
            CHECK(found.size() >= 4);
            check_resumable(packed, plain, found);
        }
    }
}

TEST_CASE("checkpoints are found among stored blocks") {
    const std::string plain = test::noise(3'000'000);
    const std::string packed = test::gzip(plain, 0);
    check_resumable(packed, plain, checkpoints_of(packed, plain, 100'000, 999));
}

TEST_CASE("MED-35 checkpoints of many gzip members are their starts, and reads go on across them") {
    std::string plain;
    std::string packed;
    for (std::uint32_t i = 0; i < 8; ++i) {
        const std::string part = sample(100'000 + 1000 * i);
        plain += part;
        packed += test::gzip(part, 6, "name", "comment");
    }
    const auto starts = checkpoints_of(packed, plain, 100'000);
    CHECK(std::any_of(starts.begin(), starts.end(), [](const auto& c) { return !c.inside; }));
    check_resumable(packed, plain, starts);
    const auto blocks = checkpoints_of(packed, plain, 30'000);
    CHECK(std::any_of(blocks.begin(), blocks.end(), [](const auto& c) { return c.inside; }));
    check_resumable(packed, plain, blocks);
}

TEST_CASE("a zstd stream can be resumed at its frames") {
    std::string plain;
    std::string packed;
    for (std::uint32_t i = 0; i < 10; ++i) {
        const std::string part = sample(50'000);
        plain += part;
        packed += test::zstd(part) + test::zstd_skippable(10);
    }
    const auto found = checkpoints_of(packed, plain, 100'000);
    CHECK(found.size() >= 4);
    check_resumable(packed, plain, found);
    CHECK(checkpoints_of(test::zstd(plain), plain, 1000).empty());
}

TEST_CASE("the window of a checkpoint keeps only what is referred to") {
    const std::string plain = sample(1'000'000);
    const auto found = checkpoints_of(test::gzip(plain), plain, 100'000);
    REQUIRE_FALSE(found.empty());
    for (const Checkpoint& c : found) {
        REQUIRE(c.inside);
        CHECK(c.window.size() == kWindowBytes);
        CHECK(std::count(c.window.begin(), c.window.end(), '\0') > 8000);
        const std::string before = plain.substr(c.plain - kWindowBytes, kWindowBytes);
        for (std::size_t i = 0; i < kWindowBytes; ++i) {
            if (c.window[i] != '\0' && c.window[i] != before[i]) {
                FAIL("a byte that was not there");
            }
        }
    }
}

TEST_CASE("one endless block has no checkpoints and is read all the same") {
    std::string plain = test::noise(1'000'000);
    std::string bits;
    auto put = [&bits, used = 8U](unsigned code, unsigned width) mutable {
        for (unsigned i = width; i-- > 0; ++used) {
            if (used == 8) {
                bits += '\0';
                used = 0;
            }
            bits.back() = static_cast<char>(static_cast<unsigned char>(bits.back()) |
                                            ((code >> i) & 1U) << used);
        }
    };
    put(0b110, 3);  // the last block, with fixed codes (RFC 1951 §3.2.6), bit by bit
    for (char& byte : plain) {
        byte = static_cast<char>(byte & 0x7f);
        put(0x30U + static_cast<unsigned char>(byte), 8);
    }
    put(0, 7);
    const std::string by_zlib = test::gzip(plain);
    const std::string packed = by_zlib.substr(0, 10) + bits + by_zlib.substr(by_zlib.size() - 8);
    CHECK(checkpoints_of(packed, plain, 10'000).empty());
}

TEST_CASE("T-22 a checkpoint that lies gives an error or other bytes, never more than that") {
    const std::string plain = sample(500'000);
    const std::string packed = test::gzip(plain);
    for (std::size_t at = 20; at < packed.size(); at += packed.size() / 50) {
        for (const unsigned bits : {0U, 3U, 7U}) {
            const Checkpoint from{0, at, static_cast<std::uint8_t>(bits), true,
                                  std::string(1000, 'w')};
            DecompressingSource source(std::make_unique<StringSource>(packed.substr(at)), from);
            try {
                (void)test::read_all(source);
            } catch (const base::InvalidDocument&) {
            }
        }
    }
    const Checkpoint large{0, 0, 0, true, std::string(kWindowBytes + 1, 'w')};
    CHECK_THROWS_AS(DecompressingSource(std::make_unique<StringSource>(packed), large),
                    base::InvalidDocument);
}
