#include "regtool/stream/compressor.hpp"

#include <string>

#include "encoder.hpp"
#include "regtool/base/error.hpp"

namespace regtool::stream {

namespace {

class PassingEncoder final : public CompressingSink::Encoder {
  public:
    explicit PassingEncoder(Sink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override { next_.write(bytes); }

    void finish() override {}

  private:
    Sink& next_;
};

std::unique_ptr<CompressingSink::Encoder> make_encoder(Sink& next,
                                                       Compression compression,
                                                       std::optional<int> wanted) {
    const CompressionLevels levels = levels_of(compression);
    const int level = wanted.value_or(levels.usual);
    if (level < levels.lowest || level > levels.highest) {
        throw base::UsageError(std::string(to_string(compression)) + " has levels " +
                               std::to_string(levels.lowest) + " to " +
                               std::to_string(levels.highest) + ", not " + std::to_string(level));
    }
    switch (compression) {
        case Compression::gzip:
            return level == 1 ? make_isal_encoder(next) : make_zlib_encoder(next, level);
        case Compression::zstd:
            return make_zstd_encoder(next, {.level = level});
        case Compression::none:
            break;
    }
    return std::make_unique<PassingEncoder>(next);
}

}  // namespace

CompressionLevels levels_of(Compression compression) noexcept {
    switch (compression) {
        case Compression::gzip:
            return {1, 9, 1};
        case Compression::zstd:
            // Beyond 19 decoders need windows that they may refuse.
            return {1, 19, 3};
        case Compression::none:
            break;
    }
    return {};
}

CompressingSink::CompressingSink(Sink& next, Compression compression, std::optional<int> level)
    : encoder_(make_encoder(next, compression, level)) {}

CompressingSink::CompressingSink(Sink& next, const ZstdFrame& frame)
    : encoder_(make_zstd_encoder(next, frame)) {}

CompressingSink::~CompressingSink() = default;

void CompressingSink::write(std::span<const std::byte> bytes) {
    encoder_->write(bytes);
}

void CompressingSink::finish() {
    encoder_->finish();
}

}  // namespace regtool::stream
