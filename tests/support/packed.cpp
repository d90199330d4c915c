#include "packed.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

namespace regtool::test {

std::string gzip(std::string_view bytes,
                 int level,
                 const std::string& name,
                 const std::string& comment) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("deflateInit2");
    }
    std::string name_copy = name;
    std::string comment_copy = comment;
    std::array<Bytef, 5> extra{'a', 'b', 1, 0, 'x'};
    gz_header header{};
    if (!name.empty() || !comment.empty()) {
        header.os = 255;
        header.extra = extra.data();
        header.extra_len = static_cast<uInt>(extra.size());
        header.name = name.empty() ? nullptr : reinterpret_cast<Bytef*>(name_copy.data());
        header.comment = comment.empty() ? nullptr : reinterpret_cast<Bytef*>(comment_copy.data());
        header.hcrc = 1;
        deflateSetHeader(&stream, &header);
    }
    std::string out(deflateBound(&stream, bytes.size()) + name.size() + comment.size() + 64, '\0');
    std::vector<Bytef> in(bytes.begin(), bytes.end());
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int code = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (code != Z_STREAM_END) {
        throw std::runtime_error("deflate");
    }
    return out;
}

std::string zstd(std::string_view bytes, int level, int window_log) {
    const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                       &ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    if (window_log != 0) {
        // Without a declared size the frame keeps the window that was asked for.
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
    }
    std::string out(ZSTD_compressBound(bytes.size()) + 64, '\0');
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    // Two steps keep the library from shrinking the window to the size of the input.
    std::size_t code = ZSTD_compressStream2(context.get(), &to, &in, ZSTD_e_flush);
    if (ZSTD_isError(code) == 0) {
        code = ZSTD_compressStream2(context.get(), &to, &in, ZSTD_e_end);
    }
    if (code != 0) {
        throw std::runtime_error("zstd");
    }
    out.resize(to.pos);
    return out;
}

std::string zstd_skippable(std::uint32_t size) {
    std::string frame("\x53\x2a\x4d\x18", 4);
    for (std::uint32_t shift = 0; shift < 32; shift += 8) {
        frame += static_cast<char>((size >> shift) & 0xffU);
    }
    return frame + std::string(size, 's');
}

std::string noise(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string bytes(count, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random() & 0xffU);
    }
    return bytes;
}

std::size_t SlowSource::read(std::span<std::byte> out) {
    const std::size_t count = std::min({out.size(), step_, bytes_.size() - position_});
    std::memcpy(out.data(), bytes_.data() + position_, count);
    position_ += count;
    return count;
}

std::size_t RepeatingSource::read(std::span<std::byte> out) {
    while (position_ == part_.size()) {
        position_ = 0;
        if (times_ > 0) {
            --times_;
            part_ = repeat_;
        } else if (!tail_taken_) {
            tail_taken_ = true;
            part_ = tail_;
        } else {
            part_.clear();
            return 0;
        }
    }
    const std::size_t count = std::min(out.size(), part_.size() - position_);
    std::memcpy(out.data(), part_.data() + position_, count);
    position_ += count;
    return count;
}

std::string read_all(stream::Source& source, std::size_t step) {
    std::string all;
    std::vector<std::byte> block(step);
    for (std::size_t n = source.read(block); n != 0; n = source.read(block)) {
        all.append(reinterpret_cast<const char*>(block.data()), n);
    }
    return all;
}

}  // namespace regtool::test
