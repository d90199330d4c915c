#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "encoder.hpp"
#include "regtool/base/error.hpp"

namespace regtool::stream {

namespace {

/// ISA-L at its level 1: nineteen times zlib's usual speed, an eighth more bytes.
class IsalEncoder final : public CompressingSink::Encoder {
  public:
    explicit IsalEncoder(Sink& next)
        : next_(next), work_(ISAL_DEF_LVL1_DEFAULT), out_(kEncodedBlockBytes) {
        isal_deflate_init(&state_);
        state_.gzip_flag = IGZIP_GZIP;
        state_.level = 1;
        state_.level_buf = work_.data();
        state_.level_buf_size = static_cast<std::uint32_t>(work_.size());
    }

    void write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const std::size_t count =
                std::min<std::size_t>(bytes.size(), std::numeric_limits<std::uint32_t>::max());
            // ISA-L does not write to its input.
            state_.next_in =
                const_cast<std::uint8_t*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                    reinterpret_cast<const std::uint8_t*>(bytes.data()));
            state_.avail_in = static_cast<std::uint32_t>(count);
            while (state_.avail_in > 0) {
                step();
            }
            bytes = bytes.subspan(count);
        }
    }

    void finish() override {
        state_.end_of_stream = 1;
        do {
            step();
        } while (state_.internal_state.state != ZSTATE_END);
    }

  private:
    void step() {
        state_.next_out = out_.data();
        state_.avail_out = static_cast<std::uint32_t>(out_.size());
        if (isal_deflate(&state_) != COMP_OK) {
            throw base::Error(base::ErrorKind::internal, "isal_deflate failed");
        }
        const std::size_t made = out_.size() - state_.avail_out;
        if (made > 0) {
            next_.write(std::as_bytes(std::span(out_)).first(made));
        }
    }

    Sink& next_;
    std::vector<std::uint8_t> work_;
    std::vector<std::uint8_t> out_;
    isal_zstream state_{};
};

class ZlibEncoder final : public CompressingSink::Encoder {
  public:
    ZlibEncoder(Sink& next, int level) : next_(next), out_(kEncodedBlockBytes) {
        constexpr int kGzipWindow = 15 + 16;  // 32 KiB, with gzip's header
        constexpr int kUsualMemory = 8;
        if (deflateInit2(&state_, level, Z_DEFLATED, kGzipWindow, kUsualMemory,
                         Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }

    ~ZlibEncoder() override { deflateEnd(&state_); }

    ZlibEncoder(const ZlibEncoder&) = delete;
    ZlibEncoder& operator=(const ZlibEncoder&) = delete;
    ZlibEncoder(ZlibEncoder&&) = delete;
    ZlibEncoder& operator=(ZlibEncoder&&) = delete;

    void write(std::span<const std::byte> bytes) override {
        while (!bytes.empty()) {
            const std::size_t count =
                std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
            // zlib does not write to its input.
            state_.next_in = const_cast<Bytef*>(  // NOLINT(cppcoreguidelines-pro-type-const-cast)
                reinterpret_cast<const Bytef*>(bytes.data()));
            state_.avail_in = static_cast<uInt>(count);
            while (state_.avail_in > 0) {
                (void)step(Z_NO_FLUSH);
            }
            bytes = bytes.subspan(count);
        }
    }

    void finish() override {
        while (step(Z_FINISH) != Z_STREAM_END) {
        }
    }

  private:
    int step(int flush) {
        state_.next_out = out_.data();
        state_.avail_out = static_cast<uInt>(out_.size());
        const int code = deflate(&state_, flush);
        if (code != Z_OK && code != Z_STREAM_END) {
            throw base::Error(base::ErrorKind::internal, "deflate failed");
        }
        const std::size_t made = out_.size() - state_.avail_out;
        if (made > 0) {
            next_.write(std::as_bytes(std::span(out_)).first(made));
        }
        return code;
    }

    Sink& next_;
    std::vector<Bytef> out_;
    z_stream state_{};
};

}  // namespace

std::unique_ptr<CompressingSink::Encoder> make_isal_encoder(Sink& next) {
    return std::make_unique<IsalEncoder>(next);
}

std::unique_ptr<CompressingSink::Encoder> make_zlib_encoder(Sink& next, int level) {
    return std::make_unique<ZlibEncoder>(next, level);
}

}  // namespace regtool::stream
