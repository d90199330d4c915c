#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "regtool/stream/source.hpp"

namespace regtool::stream {

/// A window on the bytes of a source for a decoder that wants to look ahead. Knows when the source
/// has ended or thrown, after which it must not be read again. One thread at a time.
class InputBuffer {
  public:
    explicit InputBuffer(std::unique_ptr<Source> source);

    /// What was read and not consumed yet.
    [[nodiscard]] std::span<std::byte> view() const noexcept {
        return {storage_.get() + begin_, end_ - begin_};
    }

    void consume(std::size_t count) noexcept { begin_ += count; }

    /// Adds at least one byte to view(); false at the end of the source. Throws what it throws.
    bool fill();
    /// Fills until view() has `count` bytes (at most 64) or the source ends.
    void want(std::size_t count);
    /// As Source::read, past the window when that is empty.
    [[nodiscard]] std::size_t read(std::span<std::byte> out);
    /// Reads the source to its end and drops what comes.
    void drain();

    /// Bytes consumed so far.
    [[nodiscard]] std::uint64_t consumed() const noexcept { return received_ - (end_ - begin_); }

  private:
    [[nodiscard]] std::size_t read_source(std::span<std::byte> out);

    std::unique_ptr<Source> source_;
    std::unique_ptr<std::byte[]> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t received_ = 0;
    bool ended_ = false;
};

}  // namespace regtool::stream
