#include "input_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace regtool::stream {

namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

}  // namespace

InputBuffer::InputBuffer(std::unique_ptr<Source> source) : source_(std::move(source)) {}

std::size_t InputBuffer::read_source(std::span<std::byte> out) {
    if (ended_) {
        return 0;
    }
    ended_ = true;  // stays so when the source throws
    const std::size_t count = source_->read(out);
    ended_ = count == 0;
    received_ += count;
    return count;
}

bool InputBuffer::fill() {
    if (!storage_) {
        storage_ = std::make_unique_for_overwrite<std::byte[]>(kBufferBytes);
    }
    if (begin_ == end_) {
        begin_ = end_ = 0;
    } else if (end_ == kBufferBytes) {
        std::memmove(storage_.get(), storage_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::size_t count = read_source({storage_.get() + end_, kBufferBytes - end_});
    end_ += count;
    return count != 0;
}

void InputBuffer::want(std::size_t count) {
    while (view().size() < count && fill()) {
    }
}

std::size_t InputBuffer::read(std::span<std::byte> out) {
    const std::span<std::byte> ready = view();
    if (ready.empty()) {
        return read_source(out);
    }
    const std::size_t count = std::min(out.size(), ready.size());
    std::memcpy(out.data(), ready.data(), count);
    consume(count);
    return count;
}

void InputBuffer::drain() {
    do {
        begin_ = end_;
    } while (fill());
}

}  // namespace regtool::stream
