#include "regtool/stream/zstd_block.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/packed.hpp"

using namespace regtool;
using namespace regtool::stream;

TEST_CASE("a block comes back as it was") {
    for (const std::string& bytes :
         {std::string(), std::string("a"), std::string(500'000, 'x'), test::noise(100'000)}) {
        CHECK(zstd_unpack(zstd_pack(bytes), bytes.size()) == bytes);
    }
    CHECK(zstd_unpack(test::zstd("one ") + test::zstd("two"), 100) == "one two");
}

TEST_CASE("T-20 T-22 bad blocks are refused") {
    const std::string packed = zstd_pack(std::string(100'000, 'x') + test::noise(1000));
    CHECK_THROWS_AS(zstd_unpack(packed, 100'999), base::IntegrityError);
    CHECK_THROWS_AS(zstd_unpack(packed.substr(0, packed.size() - 1), 200'000),
                    base::InvalidDocument);
    CHECK_THROWS_AS(zstd_unpack("", 10), base::InvalidDocument);
    CHECK_THROWS_AS(zstd_unpack("plain", 10), base::InvalidDocument);
    for (std::size_t i = 0; i < packed.size(); i += 7) {
        std::string flipped = packed;
        flipped[i] ^= 0x10;
        CHECK_THROWS_AS(zstd_unpack(flipped, 200'000), base::Error);
    }
}
