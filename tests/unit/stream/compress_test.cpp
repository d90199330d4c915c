#include "regtool/stream/compress.hpp"

#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/verify.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;
using test::gzip;
using test::zstd;
using test::zstd_skippable;

namespace {

std::string unpack(const std::string& packed,
                   std::size_t in_step = 65536,
                   std::size_t out_step = 65536,
                   InflateLimits limits = {}) {
    DecompressingSource source(std::make_unique<test::SlowSource>(packed, in_step), limits);
    return test::read_all(source, out_step);
}

/// Text that compresses, with some noise: both kinds of deflate blocks and far references.
std::string sample(std::size_t size) {
    std::string bytes;
    for (std::uint32_t seed = 1; bytes.size() < size; ++seed) {
        bytes += test::noise(200, seed);
        bytes += std::string(300, static_cast<char>('a' + seed % 26));
        bytes += bytes.substr(bytes.size() / 2, 500);
    }
    bytes.resize(size);
    return bytes;
}

void check_corrupt(const std::string& packed) {
    CHECK_THROWS_AS(unpack(packed), base::InvalidDocument);
    CHECK_THROWS_AS(unpack(packed, 1), base::InvalidDocument);
}

}  // namespace

TEST_CASE("MED-34 compression is told by the first bytes") {
    struct Case {
        std::string head;
        Compression expected;
    };

    const std::vector<Case> cases = {
        {std::string("\x1f\x8b\x08\x00", 4), Compression::gzip},
        {"\x1f\x8b", Compression::gzip},
        {"\x1f", Compression::none},
        {"\x28\xb5\x2f\xfd", Compression::zstd},
        {"\x28\xb5\x2f", Compression::none},
        {"\x50\x2a\x4d\x18", Compression::zstd},
        {"\x5f\x2a\x4d\x18", Compression::zstd},
        {"\x60\x2a\x4d\x18", Compression::none},
        {"\x4f\x2a\x4d\x18", Compression::none},
        {"\x27\xb5\x2f\xfd", Compression::none},  // an older zstd
        {"", Compression::none},
        {"BZh9", Compression::none},
    };
    for (const auto& c : cases) {
        CHECK(detect_compression(base::as_bytes(c.head)) == c.expected);
    }
    CHECK(to_string(Compression::gzip) == "gzip");
    CHECK(to_string(Compression::zstd) == "zstd");
    CHECK(to_string(Compression::none) == "none");
}

TEST_CASE("MED-34 a source tells its compression after the first read") {
    DecompressingSource source(std::make_unique<StringSource>(zstd("abc")));
    CHECK(source.compression() == Compression::none);
    CHECK(test::read_all(source) == "abc");
    CHECK(source.compression() == Compression::zstd);
}

TEST_CASE("plain bytes pass as they are") {
    for (const std::string& bytes : {std::string(), std::string("x"), sample(200000)}) {
        CHECK(unpack(bytes) == bytes);
        CHECK(unpack(bytes, 1, 3) == bytes);
    }
}

TEST_CASE("gzip and zstd unpack whatever the sizes of the pieces") {
    const auto size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{1000}, 70000U, 300000U);
    const auto level = GENERATE(0, 1, 9);
    const std::string bytes = sample(size);
    for (const std::string& packed : {gzip(bytes, level), zstd(bytes, level)}) {
        for (const auto& [in, out] : std::vector<std::pair<std::size_t, std::size_t>>{
                 {65536, 262144}, {65536, 100}, {1, 65536}, {7, 13}, {1000, 65536}, {3000, 1}}) {
            CHECK(unpack(packed, in, out) == bytes);
        }
    }
}

TEST_CASE("MED-35 gzip headers with name, comment, extra field and checksum come in any pieces") {
    const std::string bytes = sample(5000);
    const std::string packed = gzip(bytes, 6, "layer.tar", "made by a test");
    for (std::size_t step = 1; step < 60; ++step) {
        CHECK(unpack(packed, step) == bytes);
    }
    std::string bad = packed;
    bad[4] = static_cast<char>(bad[4] ^ 1);  // the time: only the header checksum knows
    CHECK_THROWS_AS(unpack(bad), base::InvalidDocument);
}

TEST_CASE("MED-35 members and frames are read to the last") {
    const std::string a = sample(40000);
    const std::string b = sample(100);
    const std::string empty;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {gzip(a) + gzip(b), a + b},
        {gzip(b) + gzip(empty) + gzip(a) + gzip(empty), b + a},
        {gzip(empty) + gzip(empty, 6, "name"), empty},
        {gzip(a) + std::string(1, '\0'), a},
        {gzip(a) + std::string(100000, '\0'), a},
        {zstd(a) + zstd(b), a + b},
        {zstd_skippable(5) + zstd(a) + zstd_skippable(100000) + zstd(b) + zstd_skippable(0), a + b},
        {zstd_skippable(0), empty},
        {zstd(a) + std::string(513, '\0'), a},
    };
    for (const auto& [packed, expected] : cases) {
        CHECK(unpack(packed) == expected);
        CHECK(unpack(packed, 1) == expected);
        CHECK(unpack(packed, 11, 17) == expected);
    }
}

TEST_CASE("MED-35 what follows the last member or frame is not passed over") {
    const std::string bytes = sample(3000);
    for (const std::string& packed : {gzip(bytes), zstd(bytes)}) {
        check_corrupt(packed + "garbage");
        check_corrupt(packed + std::string(100, '\0') + "x");
        check_corrupt(packed + "\x1f");
        check_corrupt(packed + "\x28\xb5\x2f");
    }
    check_corrupt(gzip(bytes) + zstd(bytes));
    check_corrupt(zstd(bytes) + gzip(bytes));
    check_corrupt(gzip(bytes) + std::string(10, '\0') + gzip(bytes));
}

TEST_CASE("T-22 cut data is found at every length") {
    const std::string bytes = sample(1500);
    for (const std::string& packed :
         {gzip(bytes), gzip(bytes, 0), gzip(bytes, 6, "n", "c"), zstd(bytes)}) {
        const std::size_t magic = detect_compression(base::as_bytes(packed)) == Compression::gzip
                                      ? std::size_t{2}
                                      : std::size_t{4};
        for (std::size_t length = magic; length < packed.size(); ++length) {
            CAPTURE(length);
            check_corrupt(packed.substr(0, length));
            if (length < packed.size() - 1) {
                // The second member or frame is cut as well as the first.
                check_corrupt(packed + packed.substr(0, length));
            }
        }
    }
    check_corrupt(zstd_skippable(10).substr(0, 12));
    try {
        static_cast<void>(unpack(gzip(bytes).substr(0, 100)));
        FAIL("no error");
    } catch (const base::InvalidDocument& error) {
        CHECK(error.message() == "gzip data is cut short");
    }
}

TEST_CASE("T-22 flipped bits never pass for the original") {
    const std::string bytes = sample(600);
    for (const std::string& packed : {gzip(bytes), zstd(bytes)}) {
        for (std::size_t bit = 0; bit < packed.size() * 8; ++bit) {
            std::string flipped = packed;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
            try {
                // Flips in the header's time or flags that mean nothing are harmless, as is a
                // magic that makes the whole plain.
                const std::string result = unpack(flipped);
                CHECK((result == bytes || result == flipped));
            } catch (const base::InvalidDocument&) {
            } catch (const base::IntegrityError&) {
                // A zstd window became too large.
            }
        }
    }
}

TEST_CASE("T-01 a wrong digest wins over the corrupt data that it explains") {
    const std::string packed = gzip(sample(300000));
    std::string flipped = packed;
    flipped[20] = static_cast<char>(flipped[20] ^ 4);
    DecompressingSource source(std::make_unique<VerifyingSource>(
        std::make_unique<StringSource>(flipped),
        Expectation{model::Digest::sha256_of(packed), packed.size()}));
    CHECK_THROWS_AS(test::read_all(source), base::IntegrityError);
}

TEST_CASE("LAY-25 the digest behind is checked though zeros follow the last member") {
    const std::string packed = gzip(sample(1000)) + std::string(100000, '\0');
    DecompressingSource source(std::make_unique<VerifyingSource>(
        std::make_unique<StringSource>(packed),
        Expectation{model::Digest::sha256_of("else"), std::nullopt}));
    CHECK_THROWS_AS(test::read_all(source), base::IntegrityError);
}

TEST_CASE("T-20 the byte limit holds at the limit and one beyond") {
    const std::string bytes(100000, '\0');
    for (const std::string& packed : {gzip(bytes), zstd(bytes), bytes}) {
        CHECK(unpack(packed, 65536, 65536, {.max_bytes = 100000}) == bytes);
        CHECK_THROWS_AS(unpack(packed, 65536, 65536, {.max_bytes = 99999}), base::IntegrityError);
    }
}

TEST_CASE("T-20 the ratio counts only beyond its threshold") {
    const std::string bytes(4000000, '\0');
    for (const std::string& packed : {gzip(bytes), zstd(bytes)}) {
        CHECK(unpack(packed, 65536, 65536, {.ratio_applies_beyond = 4000000}) == bytes);
        CHECK_THROWS_AS(unpack(packed, 65536, 65536, {.ratio_applies_beyond = 3999999}),
                        base::IntegrityError);
        CHECK(unpack(packed, 65536, 65536, {.max_ratio = 1000000, .ratio_applies_beyond = 0}) ==
              bytes);
    }
    const std::string random = test::noise(100000);
    CHECK(unpack(gzip(random), 65536, 65536, {.max_ratio = 2, .ratio_applies_beyond = 0}) ==
          random);
}

TEST_CASE("T-20 a bomb is given up soon after the threshold, in flat memory") {
    // Ten thousand members of a megabyte of zeros each: 10 GiB from 10 MiB.
    const std::string member = GENERATE(gzip(std::string(std::size_t{1} << 20, '\0')),
                                        zstd(std::string(std::size_t{1} << 20, '\0')));
    DecompressingSource source(std::make_unique<test::RepeatingSource>("", member, 10240, ""),
                               {.ratio_applies_beyond = std::uint64_t{16} << 20});
    std::vector<std::byte> block(262144);
    std::uint64_t total = 0;
    const auto read_on = [&] {
        for (std::size_t n = source.read(block); n != 0; n = source.read(block)) {
            total += n;
        }
    };
    CHECK_THROWS_AS(read_on(), base::IntegrityError);
    CHECK(total <= std::uint64_t{16} << 20);
}

TEST_CASE("T-20 members and frames without content are only passed") {
    DecompressingSource members(
        std::make_unique<test::RepeatingSource>("", gzip(""), 100000, gzip("end")));
    CHECK(test::read_all(members) == "end");
    DecompressingSource frames(
        std::make_unique<test::RepeatingSource>("", zstd_skippable(3), 100000, zstd("end")));
    CHECK(test::read_all(frames) == "end");
}

TEST_CASE("T-20 a zstd window beyond the limit is refused") {
    CHECK(unpack(zstd("abc", 1, 27)) == "abc");
    CHECK_THROWS_AS(unpack(zstd("abc", 1, 28)), base::IntegrityError);
    CHECK_THROWS_AS(unpack(zstd("abc", 1, 31)), base::IntegrityError);
}

TEST_CASE("T-20 packed data inside packed data stays packed") {
    const std::string inner = gzip("abc");
    CHECK(unpack(gzip(inner)) == inner);
}
