#include "regtool/stream/compressor.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using stream::Compression;

namespace {

constexpr std::size_t kLimit = std::size_t{16} << 20;

std::string compressed(const std::string& plain,
                       Compression compression,
                       std::optional<int> level,
                       std::size_t step) {
    stream::StringSink out(kLimit);
    stream::CompressingSink sink(out, compression, level);
    for (std::size_t at = 0; at < plain.size(); at += step) {
        sink.write(std::as_bytes(std::span(plain).subspan(at, std::min(step, plain.size() - at))));
    }
    sink.finish();
    return out.text();
}

std::string plain_text(std::size_t size) {
    std::string text;
    while (text.size() < size) {
        text += "line " + std::to_string(text.size() * 7919 % 10007) + " of many\n";
    }
    return text;
}

}  // namespace

TEST_CASE("what was compressed comes back, whatever the level and the pieces") {
    for (const std::string& plain : {std::string(), std::string("x"), plain_text(3'000'000)}) {
        for (const auto compression : {Compression::gzip, Compression::zstd, Compression::none}) {
            for (const std::optional<int> level :
                 {std::optional<int>(), std::optional<int>(1), std::optional<int>(9)}) {
                if (compression == Compression::none && level) {
                    continue;
                }
                const std::string packed = compressed(plain, compression, level, 100'000);
                stream::DecompressingSource source(std::make_unique<stream::StringSource>(packed));
                stream::StringSink back(kLimit);
                (void)stream::pump(source, back);
                CHECK(back.text() == plain);
                if (!plain.empty()) {
                    CHECK(source.compression() == compression);
                }
                // The same every time: a copy that is repeated finds its layers again.
                CHECK(compressed(plain, compression, level, 100'000) == packed);
                if (compression != Compression::none && plain.size() > 1000) {
                    CHECK(packed.size() < plain.size() / 3);
                }
            }
        }
    }
}

TEST_CASE("a level that the format does not have") {
    stream::StringSink out(kLimit);
    CHECK_THROWS_AS(stream::CompressingSink(out, Compression::gzip, 10), base::UsageError);
    CHECK_THROWS_AS(stream::CompressingSink(out, Compression::zstd, 0), base::UsageError);
}
