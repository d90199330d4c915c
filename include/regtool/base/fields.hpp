#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace regtool::base {

// LEB128: seven bits a byte, low ones first, the eighth for all but the last.
inline constexpr unsigned kNumberBits = 7;
inline constexpr unsigned kMoreFollows = 0x80;

/// Writes the fields of a binary document one after another: numbers as LEB128 (seven bits a byte,
/// low ones first), texts with their length before them.
class FieldWriter {
  public:
    void number(std::uint64_t value);
    /// Small numbers of either sign stay small.
    void signed_number(std::int64_t value);
    void text(std::string_view text);

    /// As it is, without its length.
    void raw(std::string_view bytes) { bytes_ += bytes; }

    /// Begins anew with the memory that it has.
    void clear() noexcept { bytes_.clear(); }

    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

/// Reads a number of a FieldWriter out of this program's own memory, where nothing is to be
/// checked, and moves on behind it.
[[nodiscard]] inline std::uint64_t take_number(const char*& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += kNumberBits) {
        const auto byte = static_cast<unsigned char>(*at++);
        value |= std::uint64_t{byte & (kMoreFollows - 1)} << shift;
        if (byte < kMoreFollows) {
            return value;
        }
    }
}

/// What signed_number() made of a number, undone.
[[nodiscard]] constexpr std::int64_t to_signed(std::uint64_t bits) {
    return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

/// Reads fields back, from memory that it borrows or as they arrive. Every member throws
/// InvalidDocument for what is cut short or too large.
class FieldReader {
  public:
    /// Fills in some of the bytes that come next; 0: there are none. Bounds how many there are.
    using More = std::function<std::size_t(std::span<char> out)>;

    /// `document` begins the messages: "the layer index".
    FieldReader(std::string_view bytes, std::string document)
        : rest_(bytes), document_(std::move(document)) {}

    FieldReader(More more, std::string document)
        : more_(std::move(more)), document_(std::move(document)) {}

    ~FieldReader() = default;
    FieldReader(const FieldReader&) = delete;
    FieldReader& operator=(const FieldReader&) = delete;
    FieldReader(FieldReader&&) = delete;
    FieldReader& operator=(FieldReader&&) = delete;

    [[nodiscard]] std::uint64_t number() {
        if (!rest_.empty() && static_cast<unsigned char>(rest_.front()) < kMoreFollows) {
            const auto small = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            return small;
        }
        return long_number();
    }

    /// At most `most`.
    [[nodiscard]] std::uint64_t number(std::uint64_t most);

    template <class Unsigned>
    [[nodiscard]] Unsigned small() {
        return static_cast<Unsigned>(number(std::numeric_limits<Unsigned>::max()));
    }

    [[nodiscard]] std::int64_t signed_number() { return to_signed(number()); }

    /// A view into the bytes; of those that arrive good until the next call.
    [[nodiscard]] std::string_view text();

    /// A copy; of those that arrive it is the only one.
    [[nodiscard]] std::string long_text();

    [[nodiscard]] bool ended() { return !has(1); }

    /// Throws InvalidDocument: "… is not valid: WHY".
    [[noreturn]] void fail(const std::string& why) const;

  private:
    [[nodiscard]] bool has(std::size_t bytes) { return bytes <= rest_.size() || fetch(bytes); }

    [[nodiscard]] bool fetch(std::size_t bytes);
    [[nodiscard]] std::uint64_t long_number();

    std::string_view rest_;
    More more_;
    std::string arrived_;  ///< rest_ lies in it
    std::string document_;
};

}  // namespace regtool::base
