#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace regtool::layer {

class FlatTable;

/// A vector of tables or texts: offsets of four bytes each.
class FlatVector {
  public:
    FlatVector() = default;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// `index` < size().
    [[nodiscard]] FlatTable table(std::size_t index) const;
    [[nodiscard]] std::string_view text(std::size_t index) const;

  private:
    friend class FlatTable;

    FlatVector(std::string_view document, std::size_t first, std::size_t size)
        : document_(document), first_(first), size_(size) {}

    std::string_view document_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

/// Reads FlatBuffers (flatbuffers.dev, "FlatBuffers Internals") that nobody has verified: every
/// offset and length is checked before it is followed, and InvalidDocument thrown for one that
/// leads out of the document. Views into its bytes, which the caller keeps. Fields go by their
/// number in the schema's table; one that is absent has its default.
class FlatTable {
  public:
    /// The table that the document is.
    [[nodiscard]] static FlatTable root(std::string_view document);

    [[nodiscard]] std::uint8_t byte(unsigned field, std::uint8_t otherwise = 0) const;
    [[nodiscard]] std::uint32_t uint32(unsigned field) const;
    [[nodiscard]] std::int32_t int32(unsigned field) const;
    [[nodiscard]] std::int64_t int64(unsigned field) const;
    /// A string, or a vector of bytes; empty when absent.
    [[nodiscard]] std::string_view text(unsigned field) const;
    [[nodiscard]] std::optional<FlatTable> table(unsigned field) const;
    /// Of no elements when absent.
    [[nodiscard]] FlatVector vector(unsigned field) const;

  private:
    friend class FlatVector;

    FlatTable(std::string_view document, std::size_t place);

    /// Where a field of so many bytes stands.
    [[nodiscard]] std::optional<std::size_t> find(unsigned field, std::size_t bytes) const;

    std::string_view document_;
    std::size_t place_;         ///< of the table
    std::size_t bytes_ = 0;     ///< of the table
    std::string_view slots_{};  ///< where in the table its fields are, two bytes each
};

}  // namespace regtool::layer
