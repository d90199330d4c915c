#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "regtool/stream/source.hpp"

namespace regtool::test {

/// One gzip member, by zlib: another hand than the one that reads it. `name` and `comment` go into
/// the header when they are not empty, together with an extra field and a header checksum.
[[nodiscard]] std::string gzip(std::string_view bytes,
                               int level = 6,
                               const std::string& name = {},
                               const std::string& comment = {});
/// One zstd frame with a checksum. `window_log` 0 leaves the window to the library.
[[nodiscard]] std::string zstd(std::string_view bytes, int level = 3, int window_log = 0);
/// A zstd skippable frame with `size` bytes in it.
[[nodiscard]] std::string zstd_skippable(std::uint32_t size);
/// `count` bytes that do not compress, the same for the same seed.
[[nodiscard]] std::string noise(std::size_t count, std::uint32_t seed = 1);

/// Hands over at most `step` bytes a time.
class SlowSource final : public stream::Source {
  public:
    SlowSource(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    std::string bytes_;
    std::size_t step_;
    std::size_t position_ = 0;
};

/// `head`, then `repeat` as often as asked, then `tail`: bombs without their memory.
class RepeatingSource final : public stream::Source {
  public:
    RepeatingSource(std::string head, std::string repeat, std::uint64_t times, std::string tail)
        : part_(std::move(head)),
          repeat_(std::move(repeat)),
          times_(times),
          tail_(std::move(tail)) {}

    [[nodiscard]] std::size_t read(std::span<std::byte> out) override;

  private:
    std::string part_;
    std::string repeat_;
    std::uint64_t times_;
    std::string tail_;
    bool tail_taken_ = false;
    std::size_t position_ = 0;
};

/// All bytes of a source, read `step` bytes at a time.
[[nodiscard]] std::string read_all(stream::Source& source, std::size_t step = 65536);

}  // namespace regtool::test
