#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "regtool/base/fd.hpp"
#include "regtool/stream/source.hpp"

namespace regtool::ops {

/// What messages call an unnamed temporary file.
inline constexpr const char* kSpoolName = "a temporary file";

/// Bytes of which none may be handed out before all were found right: in memory while they are few,
/// else in an unnamed temporary file. One thread at a time.
class HeldBytes final : public stream::Sink {
  public:
    /// Throws IoError.
    void write(std::span<const std::byte> bytes) override;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Hands them out; once, after the last write.
    [[nodiscard]] std::unique_ptr<stream::Source> take();

  private:
    static constexpr std::size_t kInMemoryBytes = std::size_t{8} << 20;

    std::string memory_;
    base::UniqueFd file_;
    std::unique_ptr<stream::FdSink> file_sink_;
    std::uint64_t size_ = 0;
};

}  // namespace regtool::ops
