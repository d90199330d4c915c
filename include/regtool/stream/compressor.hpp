#pragma once

#include <memory>
#include <optional>

#include "regtool/stream/compress.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// The levels that --compress-level may name.
struct CompressionLevels {
    int lowest = 0;
    int highest = 0;
    int usual = 0;
};

[[nodiscard]] CompressionLevels levels_of(Compression compression) noexcept;

/// How a zstd frame of our own is made, which others need not choose.
struct ZstdFrame {
    int level = 0;
    int window_bits = 0;  ///< who unpacks it needs 2^window_bits bytes; 0: as the level has it
};

/// Compresses what is written to it into `next`, which it borrows. The same bytes and level give
/// the same output: gzip has no name and no time in its header. gzip level 1 is ISA-L's, 2 to 9 are
/// zlib's. Memory does not follow the input. Compression::none passes bytes on.
class CompressingSink final : public Sink {
  public:
    /// Throws UsageError for a level that the format does not have.
    CompressingSink(Sink& next, Compression compression, std::optional<int> level = std::nullopt);
    CompressingSink(Sink& next, const ZstdFrame& frame);
    ~CompressingSink() override;
    CompressingSink(const CompressingSink&) = delete;
    CompressingSink& operator=(const CompressingSink&) = delete;
    CompressingSink(CompressingSink&&) = delete;
    CompressingSink& operator=(CompressingSink&&) = delete;

    void write(std::span<const std::byte> bytes) override;
    /// Writes the end. Call once after the last byte.
    void finish();

    class Encoder;

  private:
    std::unique_ptr<Encoder> encoder_;
};

}  // namespace regtool::stream
