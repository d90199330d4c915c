#include "regtool/stream/compress.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "decoder.hpp"
#include "regtool/base/error.hpp"

namespace regtool::stream {

namespace {

/// Enough for the longest magic number, zstd's.
constexpr std::size_t kMagicBytes = 4;

}  // namespace

std::string_view to_string(Compression compression) noexcept {
    switch (compression) {
        case Compression::none:
            return "none";
        case Compression::gzip:
            return "gzip";
        case Compression::zstd:
            return "zstd";
    }
    return "none";
}

Compression detect_compression(std::span<const std::byte> head) noexcept {
    const auto at = [head](std::size_t index) {
        return index < head.size() ? std::to_integer<int>(head[index]) : -1;
    };
    if (at(0) == 0x1f && at(1) == 0x8b) {
        return Compression::gzip;
    }
    const bool frame = at(0) == 0x28 && at(1) == 0xb5 && at(2) == 0x2f && at(3) == 0xfd;
    // RFC 8878 §3.1.2: 0x184D2A50 … 5F, little-endian.
    const bool skippable =
        (at(0) & ~0xf) == 0x50 && at(1) == 0x2a && at(2) == 0x4d && at(3) == 0x18;
    return frame || skippable ? Compression::zstd : Compression::none;
}

bool skip_trailing_zeros(InputBuffer& input) {
    do {
        const std::span<std::byte> view = input.view();
        const auto other =
            std::find_if(view.begin(), view.end(), [](std::byte b) { return b != std::byte{0}; });
        input.consume(static_cast<std::size_t>(other - view.begin()));
    } while (input.view().empty() && input.fill());
    return input.view().empty();
}

struct DecompressingSource::Impl {
    Impl(std::unique_ptr<Source> inner, InflateLimits bounds, CheckpointRequest request)
        : input(std::move(inner)), limits(bounds), checkpoints(std::move(request)) {}

    void start() {
        started = true;
        input.want(kMagicBytes);
        compression = detect_compression(input.view());
        if (compression == Compression::gzip) {
            decoder = make_gzip_decoder(std::move(checkpoints));
        } else if (compression == Compression::zstd) {
            decoder = make_zstd_decoder(std::move(checkpoints));
        }
    }

    std::size_t read(std::span<std::byte> out) {
        if (!started) {
            start();
        }
        return decoder ? decoder->decode(input, out) : input.read(out);
    }

    void count_unpacked(std::size_t count) {
        unpacked += count;
        if (unpacked > limits.max_bytes) {
            throw base::IntegrityError("the data unpacks to more than " +
                                       std::to_string(limits.max_bytes) + " bytes");
        }
        if (decoder && unpacked > limits.ratio_applies_beyond &&
            unpacked / std::max<std::uint64_t>(limits.max_ratio, 1) >
                std::max<std::uint64_t>(input.consumed(), 1)) {
            throw base::IntegrityError("the data unpacks to more than " +
                                       std::to_string(limits.max_ratio) + " times its size");
        }
    }

    InputBuffer input;
    InflateLimits limits;
    CheckpointRequest checkpoints;  ///< until the decoder has it
    std::unique_ptr<Decoder> decoder;
    Compression compression = Compression::none;
    bool started = false;
    std::uint64_t unpacked = 0;
};

DecompressingSource::DecompressingSource(std::unique_ptr<Source> inner,
                                         InflateLimits limits,
                                         CheckpointRequest checkpoints)
    : impl_(std::make_unique<Impl>(std::move(inner), limits, std::move(checkpoints))) {}

DecompressingSource::DecompressingSource(std::unique_ptr<Source> inner,
                                         const Checkpoint& from,
                                         InflateLimits limits)
    : DecompressingSource(std::move(inner), limits) {
    if (from.inside) {
        impl_->started = true;
        impl_->compression = Compression::gzip;
        impl_->decoder = resume_gzip_decoder(from);
    }
}

DecompressingSource::~DecompressingSource() = default;

std::size_t DecompressingSource::read(std::span<std::byte> out) {
    std::size_t count = 0;
    try {
        count = impl_->read(out);
    } catch (const base::InvalidDocument&) {
        impl_->input.drain();
        throw;
    }
    impl_->count_unpacked(count);
    return count;
}

Compression DecompressingSource::compression() const noexcept {
    return impl_->compression;
}

}  // namespace regtool::stream
