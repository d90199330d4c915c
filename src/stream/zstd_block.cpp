#include "regtool/stream/zstd_block.hpp"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/compress.hpp"

namespace regtool::stream {

namespace {

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

/// Reads from memory that it borrows.
class ViewSource final : public Source {
  public:
    explicit ViewSource(std::string_view bytes) : rest_(base::as_bytes(bytes)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const auto part = rest_.first(std::min(out.size(), rest_.size()));
        std::copy(part.begin(), part.end(), out.begin());
        rest_ = rest_.subspan(part.size());
        return part.size();
    }

  private:
    std::span<const std::byte> rest_;
};

/// Takes nothing but zstd.
class ZstdSource final : public Source {
  public:
    ZstdSource(std::unique_ptr<Source> packed, const InflateLimits& limits)
        : source_(std::move(packed), limits) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override {
        const std::size_t got = source_.read(out);
        if (source_.compression() != Compression::zstd) {
            throw base::InvalidDocument("the data is not zstd");
        }
        return got;
    }

  private:
    DecompressingSource source_;
};

}  // namespace

std::string zstd_pack(std::string_view bytes) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (!context) {
        throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kZstdBlockLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), packed.data(), packed.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) != 0) {
        throw std::bad_alloc();  // the only way in which it fails with room enough
    }
    packed.resize(size);
    return packed;
}

std::unique_ptr<Source> zstd_unpacking(std::unique_ptr<Source> packed, std::size_t limit) {
    InflateLimits limits;
    limits.max_bytes = limit;
    return std::make_unique<ZstdSource>(std::move(packed), limits);
}

std::string zstd_unpack(std::string_view packed, std::size_t limit) {
    StringSink text(limit);
    pump(*zstd_unpacking(std::make_unique<ViewSource>(packed), limit), text);
    return std::move(text.text());
}

}  // namespace regtool::stream
