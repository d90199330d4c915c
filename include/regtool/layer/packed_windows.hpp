#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"

namespace regtool::layer {

/// The packed windows of an index's checkpoints, one after another: in memory while they are few,
/// else in a file, because a layer of many gigabytes has some 30 MB of them and one read needs one.
/// Filled by one thread; const use is thread-safe.
class PackedWindows {
  public:
    /// None, to add to.
    PackedWindows() = default;

    /// Those in `bytes`.
    explicit PackedWindows(std::string bytes) : memory_(std::move(bytes)), size_(memory_.size()) {}

    /// The `size` bytes of `file` behind its first `begin`. Nobody may change them meanwhile.
    PackedWindows(base::UniqueFd file, std::uint64_t begin, std::uint64_t size);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Behind those that are there: in memory, or from some number on in a temporary file. Where
    /// there is no room for one, read() says so, so that only who needs the windows fails.
    void add(std::string_view window);

    /// False where there was no room for them.
    [[nodiscard]] bool readable() const noexcept { return !failure_; }

    /// Throws InvalidDocument when the file has become shorter, IoError.
    [[nodiscard]] std::string read(std::uint64_t at, std::size_t count) const;

  private:
    /// Of those that are added.
    static constexpr std::size_t kInMemoryBytes = std::size_t{1} << 20;
    /// Of a file's, which are there without it: small layers can be more than descriptors.
    static constexpr std::size_t kCopiedBytes = std::size_t{64} << 10;

    void add_to_file(std::string_view window);

    std::string memory_;
    base::UniqueFd file_;  ///< in use where valid
    std::uint64_t begin_ = 0;
    std::uint64_t size_ = 0;
    std::optional<base::IoError> failure_;
};

}  // namespace regtool::layer
