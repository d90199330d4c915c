#pragma once

#include <memory>

#include "regtool/stream/compressor.hpp"

namespace regtool::stream {

/// One format's compressor. One thread at a time.
class CompressingSink::Encoder {
  public:
    Encoder() = default;
    virtual ~Encoder() = default;
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    Encoder(Encoder&&) = delete;
    Encoder& operator=(Encoder&&) = delete;

    virtual void write(std::span<const std::byte> bytes) = 0;
    virtual void finish() = 0;
};

inline constexpr std::size_t kEncodedBlockBytes = std::size_t{256} << 10;

[[nodiscard]] std::unique_ptr<CompressingSink::Encoder> make_isal_encoder(Sink& next);
[[nodiscard]] std::unique_ptr<CompressingSink::Encoder> make_zlib_encoder(Sink& next, int level);
[[nodiscard]] std::unique_ptr<CompressingSink::Encoder> make_zstd_encoder(Sink& next,
                                                                          const ZstdFrame& frame);

}  // namespace regtool::stream
