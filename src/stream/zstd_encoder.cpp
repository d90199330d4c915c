#include <zstd.h>

#include <new>
#include <string>
#include <vector>

#include "encoder.hpp"
#include "regtool/base/error.hpp"

namespace regtool::stream {

namespace {

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

std::size_t checked(std::size_t code) {
    if (ZSTD_isError(code) != 0) {
        throw base::Error(base::ErrorKind::internal,
                          std::string("zstd failed: ") + ZSTD_getErrorName(code));
    }
    return code;
}

class ZstdEncoder final : public CompressingSink::Encoder {
  public:
    ZstdEncoder(Sink& next, const ZstdFrame& frame)
        : next_(next), context_(ZSTD_createCCtx()), out_(kEncodedBlockBytes) {
        if (!context_) {
            throw std::bad_alloc();
        }
        checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, frame.level));
        checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, frame.window_bits));
        checked(ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1));
    }

    void write(std::span<const std::byte> bytes) override {
        ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
        while (input.pos < input.size) {
            (void)step(input, ZSTD_e_continue);
        }
    }

    void finish() override {
        ZSTD_inBuffer input{nullptr, 0, 0};
        while (step(input, ZSTD_e_end) != 0) {
        }
    }

  private:
    /// What is still to be flushed.
    std::size_t step(ZSTD_inBuffer& input, ZSTD_EndDirective directive) {
        ZSTD_outBuffer output{out_.data(), out_.size(), 0};
        const std::size_t left =
            checked(ZSTD_compressStream2(context_.get(), &output, &input, directive));
        if (output.pos > 0) {
            next_.write(std::span(out_).first(output.pos));
        }
        return left;
    }

    Sink& next_;
    std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
    std::vector<std::byte> out_;
};

}  // namespace

std::unique_ptr<CompressingSink::Encoder> make_zstd_encoder(Sink& next, const ZstdFrame& frame) {
    return std::make_unique<ZstdEncoder>(next, frame);
}

}  // namespace regtool::stream
