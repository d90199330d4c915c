#include "regtool/stream/zstd_block.hpp"

#include <zstd.h>

#include <memory>
#include <new>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/stream/compress.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::stream {

namespace {

/// Half the size of level 1 for tables of names, and still several times faster than they come.
constexpr int kLevel = 6;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

}  // namespace

std::string zstd_pack(std::string_view bytes) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (!context) {
        throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
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

std::string zstd_unpack(std::string_view packed, std::size_t limit) {
    if (detect_compression(base::as_bytes(packed)) != Compression::zstd) {
        throw base::InvalidDocument("the data is not zstd");
    }
    InflateLimits limits;
    limits.max_bytes = limit;
    DecompressingSource source(std::make_unique<StringSource>(std::string(packed)), limits);
    StringSink text(limit);
    pump(source, text);
    return std::move(text.text());
}

}  // namespace regtool::stream
