#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace regtool::base {

/// Writes the fields of a binary document one after another: numbers as LEB128 (seven bits a byte,
/// low ones first), texts with their length before them.
class FieldWriter {
  public:
    void number(std::uint64_t value);
    /// Small numbers of either sign stay small.
    void signed_number(std::int64_t value);
    void text(std::string_view text);

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

/// Reads them back. Borrows the bytes. Every member throws InvalidDocument for what is cut short
/// or too large.
class FieldReader {
  public:
    /// `document` begins the messages: "the layer index".
    FieldReader(std::string_view bytes, std::string document)
        : rest_(bytes), document_(std::move(document)) {}

    [[nodiscard]] std::uint64_t number();
    /// At most `most`.
    [[nodiscard]] std::uint64_t number(std::uint64_t most);

    template <class Unsigned>
    [[nodiscard]] Unsigned small() {
        return static_cast<Unsigned>(number(std::numeric_limits<Unsigned>::max()));
    }

    [[nodiscard]] std::int64_t signed_number();
    /// A view into the bytes.
    [[nodiscard]] std::string_view text();

    [[nodiscard]] bool ended() const noexcept { return rest_.empty(); }

    /// Throws InvalidDocument: "… is not valid: WHY".
    [[noreturn]] void fail(const std::string& why) const;

  private:
    std::string_view rest_;
    std::string document_;
};

}  // namespace regtool::base
