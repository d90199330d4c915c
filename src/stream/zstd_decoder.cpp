#include <zstd.h>
#include <zstd_errors.h>

#include <bit>
#include <new>
#include <string>
#include <utility>

#include "checkpoint_pace.hpp"
#include "decoder.hpp"
#include "regtool/base/error.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::stream {

namespace {

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

void check(std::size_t code) {
    if (ZSTD_isError(code) == 0) {
        return;
    }
    const ZSTD_ErrorCode reason = ZSTD_getErrorCode(code);
    if (reason == ZSTD_error_frameParameter_windowTooLarge) {
        throw base::IntegrityError("zstd data asks for a window of more than " +
                                   std::to_string(kMaxZstdWindowBytes >> 20) + " MiB");
    }
    if (reason == ZSTD_error_memory_allocation) {
        throw std::bad_alloc();
    }
    throw base::InvalidDocument(std::string("zstd data is corrupt: ") + ZSTD_getErrorName(code));
}

/// zstd (RFC 8878), any number of frames, skippable ones among them.
class ZstdDecoder final : public Decoder {
  public:
    explicit ZstdDecoder(CheckpointRequest checkpoints)
        : pace_(std::move(checkpoints)), context_(ZSTD_createDCtx()) {
        if (!context_) {
            throw std::bad_alloc();
        }
        check(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax,
                                     std::bit_width(kMaxZstdWindowBytes) - 1));
    }

    std::size_t decode(InputBuffer& input, std::span<std::byte> out) override;

  private:
    [[nodiscard]] bool start_frame(InputBuffer& input);

    CheckpointPace pace_;
    std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
    bool in_frame_ = false;
    std::uint64_t plain_ = 0;
};

bool ZstdDecoder::start_frame(InputBuffer& input) {
    input.want(4);
    const std::span<std::byte> head = input.view();
    if (head.empty()) {
        return false;
    }
    // Looked at here, as the library may also know formats older than the standard.
    if (detect_compression(head) != Compression::zstd) {
        if (skip_trailing_zeros(input)) {
            return false;
        }
        throw base::InvalidDocument("data that is not zstd follows the zstd data");
    }
    if (pace_.due(plain_, input.consumed())) {
        pace_.tell({plain_, input.consumed(), 0, false, {}});
        pace_.found(plain_, input.consumed());
    }
    in_frame_ = true;
    return true;
}

std::size_t ZstdDecoder::decode(InputBuffer& input, std::span<std::byte> out) {
    for (;;) {
        if (!in_frame_ && !start_frame(input)) {
            return 0;
        }
        const std::span<std::byte> view = input.view();
        ZSTD_inBuffer packed{view.data(), view.size(), 0};
        ZSTD_outBuffer unpacked{out.data(), out.size(), 0};
        const std::size_t code = ZSTD_decompressStream(context_.get(), &unpacked, &packed);
        check(code);
        input.consume(packed.pos);
        in_frame_ = code != 0;
        plain_ += unpacked.pos;
        if (unpacked.pos != 0) {
            return unpacked.pos;
        }
        if (in_frame_ && input.view().empty() && !input.fill()) {
            throw base::InvalidDocument("zstd data is cut short");
        }
    }
}

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder(CheckpointRequest checkpoints) {
    return std::make_unique<ZstdDecoder>(std::move(checkpoints));
}

}  // namespace regtool::stream
