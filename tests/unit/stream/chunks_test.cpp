#include "regtool/stream/chunks.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/verify.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

namespace {

ChunkHashes hashes_of(const std::string& bytes, std::size_t step) {
    StringSink kept(bytes.size());
    ChunkHashingSink sink(kept);
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        sink.write(base::as_bytes(bytes).subspan(at, std::min(step, bytes.size() - at)));
    }
    CHECK(kept.text() == bytes);
    return sink.finish();
}

std::string verified(const std::string& part, const ChunkHashes& expected, std::uint64_t chunk) {
    ChunkVerifyingSource source(std::make_unique<test::SlowSource>(part, 10'000), expected, chunk);
    return test::read_all(source, 7000);
}

}  // namespace

TEST_CASE("chunks are hashed alike whatever the sizes of the pieces") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunkBytes - 1, kChunkBytes,
                                   kChunkBytes + 1, 3 * kChunkBytes, 3 * kChunkBytes + 77}) {
        const std::string bytes = test::noise(size);
        const ChunkHashes hashes = hashes_of(bytes, 1000);
        CHECK(hashes.complete());
        CHECK(hashes.blob_bytes == size);
        CHECK(hashes == hashes_of(bytes, kChunkBytes * 2));
        CHECK(verified(bytes, hashes, 0) == bytes);
    }
}

TEST_CASE("BLB-12 a part of a blob is handed out only when its chunks are right") {
    const std::string bytes = test::noise(3 * kChunkBytes + 77);
    const ChunkHashes hashes = hashes_of(bytes, 4096);
    CHECK(verified(bytes.substr(kChunkBytes, kChunkBytes), hashes, 1) ==
          bytes.substr(kChunkBytes, kChunkBytes));
    CHECK(verified(bytes.substr(2 * kChunkBytes), hashes, 2) == bytes.substr(2 * kChunkBytes));

    std::string wrong = bytes;
    wrong[kChunkBytes + 5] ^= 1;
    ChunkVerifyingSource source(std::make_unique<StringSource>(wrong), hashes, 0);
    StringSink got(bytes.size());
    CHECK_THROWS_AS(pump(source, got), base::IntegrityError);
    CHECK(got.text() == bytes.substr(0, kChunkBytes));  // nothing of the wrong chunk

    CHECK_THROWS_AS(verified(bytes.substr(0, 100), hashes, 0), base::IntegrityError);
    CHECK_THROWS_AS(verified(bytes, hashes, 1), base::IntegrityError);
    CHECK_THROWS_AS(verified(bytes + "more", hashes, 0), base::IntegrityError);
    CHECK_THROWS_AS(verified("x", hashes, 1'000'000), base::IntegrityError);
}

TEST_CASE("the end of what is verified in chunks is read once") {
    const std::string bytes = test::noise(kChunkBytes + 77);
    const ChunkHashes hashes = hashes_of(bytes, 4096);
    ChunkVerifyingSource source(
        std::make_unique<VerifyingSource>(std::make_unique<StringSource>(bytes),
                                          Expectation{model::Digest::sha256_of(bytes), {}}),
        hashes, 0);
    CHECK(test::read_all(source) == bytes);
}

TEST_CASE("T-51 hashes that do not match the size are told") {
    CHECK(ChunkHashes{}.complete());
    CHECK_FALSE(ChunkHashes{1, ""}.complete());
    CHECK_FALSE(ChunkHashes{kChunkBytes, std::string(64, 'h')}.complete());
    CHECK_FALSE(ChunkHashes{kChunkBytes, std::string(31, 'h')}.complete());
    CHECK_FALSE(ChunkHashes{~std::uint64_t{0}, std::string(32, 'h')}.complete());
}

TEST_CASE("BLB-12 a blob that was cut elsewhere, with a byte that two parts share") {
    const std::string bytes = test::noise(1000);
    ChunkHashes hashes{bytes.size(), "", {{10, 300}, {299, 301}, {300, 700}, {700, 1000}}};
    for (const ByteSpan& cut : hashes.cuts) {
        hashes.hashes += hashes_of(bytes.substr(cut.begin, cut.size()), 1000).hashes;
    }
    CHECK(hashes.count() == 4);
    for (std::size_t first = 0; first < hashes.count(); ++first) {
        const std::string rest = bytes.substr(hashes.chunk(first).begin);
        CHECK(verified(rest, hashes, first) == rest);
        CHECK_THROWS_AS(verified(rest + "x", hashes, first), base::IntegrityError);
    }
    CHECK(verified(bytes.substr(10, 290), hashes, 0) == bytes.substr(10, 290));
    std::string wrong = bytes.substr(10);
    wrong[299 - 10] ^= 1;
    CHECK_THROWS_AS(verified(wrong, hashes, 0), base::IntegrityError);
    CHECK_THROWS_AS(verified(bytes.substr(10, 289), hashes, 0), base::IntegrityError);
}

TEST_CASE("the fewest chunks that hold some bytes") {
    const auto covering = [](const ChunkHashes& hashes, ByteSpan bytes) {
        const auto run = hashes.covering(bytes);
        return run ? std::to_string(run->first) + ": " + std::to_string(run->bytes.begin) + "-" +
                         std::to_string(run->bytes.end)
                   : "none";
    };
    const ChunkHashes cut{
        1000, std::string(128, 'h'), {{10, 300}, {299, 600}, {600, 700}, {700, 1000}}};
    CHECK(covering(cut, {10, 300}) == "0: 10-300");
    CHECK(covering(cut, {299, 301}) == "1: 299-600");
    CHECK(covering(cut, {298, 301}) == "0: 10-600");
    CHECK(covering(cut, {600, 701}) == "2: 600-1000");
    CHECK(covering(cut, {9, 20}) == "none");
    CHECK(covering(cut, {900, 1001}) == "none");
    CHECK(covering(cut, {20, 20}) == "none");
    CHECK(covering(cut, {30, 20}) == "none");
    const ChunkHashes even{kChunkBytes + 5, std::string(64, 'h')};
    CHECK(covering(even, {0, kChunkBytes}) == "0: 0-65536");
    CHECK(covering(even, {1, kChunkBytes + 1}) == "0: 0-65541");
    CHECK(covering(even, {kChunkBytes, kChunkBytes + 5}) == "1: 65536-65541");
    CHECK(covering(even, {0, 0}) == "none");
    CHECK(covering(even, {2 * kChunkBytes, 2 * kChunkBytes + 1}) == "none");
    CHECK(covering(ChunkHashes{}, {0, 1}) == "none");
}

TEST_CASE("BLB-12 nothing of a wrong chunk comes out when it is asked for again") {
    const std::string bytes = test::noise(kChunkBytes);
    const ChunkHashes hashes = hashes_of(bytes, 4096);
    ChunkVerifyingSource source(std::make_unique<StringSource>("x" + bytes.substr(1)), hashes, 0);
    std::vector<std::byte> block(100);
    CHECK_THROWS_AS(source.read(block), base::IntegrityError);
    CHECK(source.read(block) == 0);
}
