#include "regtool/stream/source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"

namespace regtool::stream {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

}  // namespace

std::size_t StringSource::read(std::span<std::byte> out) {
    const std::size_t count = std::min(out.size(), bytes_.size() - position_);
    if (count != 0) {
        std::memcpy(out.data(), bytes_.data() + position_, count);
    }
    position_ += count;
    return count;
}

std::size_t FdSource::read(std::span<std::byte> out) {
    for (;;) {
        const ssize_t count = ::read(fd_, out.data(), out.size());
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            throw base::IoError(path_, "read", errno);
        }
    }
}

std::size_t PositionedSource::read(std::span<std::byte> out) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    const std::size_t got = base::read_at(fd_, out.first(count), position_, path_);
    position_ += got;
    left_ -= got;
    return got;
}

void StringSink::write(std::span<const std::byte> bytes) {
    if (bytes.size() > limit_ - text_.size()) {
        throw base::InvalidDocument("the content is larger than " + std::to_string(limit_) +
                                    " bytes");
    }
    text_.append(base::as_text(bytes));
}

FdSink::FdSink(int fd, std::string path_for_message)
    : fd_(fd), path_(std::move(path_for_message)) {}

void FdSink::write(std::span<const std::byte> bytes) {
    if (bytes.size() > kBlockBytes - buffer_.size()) {
        flush();
    }
    if (bytes.size() >= kBlockBytes) {
        base::write_all(fd_, bytes, path_);
        return;
    }
    if (buffer_.capacity() < kBlockBytes && buffer_.size() + bytes.size() > buffer_.capacity()) {
        buffer_.reserve(kBlockBytes);
    }
    buffer_.append(base::as_text(bytes));
}

void FdSink::flush() {
    if (!buffer_.empty()) {
        base::write_all(fd_, base::as_bytes(buffer_), path_);
        buffer_.clear();
    }
}

std::uint64_t pump(Source& source, Sink& sink) {
    const auto block = std::make_unique_for_overwrite<std::byte[]>(kBlockBytes);
    const std::span<std::byte> out(block.get(), kBlockBytes);
    std::uint64_t total = 0;
    for (std::size_t count = source.read(out); count != 0; count = source.read(out)) {
        sink.write(out.first(count));
        total += count;
    }
    return total;
}

}  // namespace regtool::stream
