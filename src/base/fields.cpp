#include "regtool/base/fields.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"

namespace regtool::base {

namespace {

constexpr std::size_t kArrivingBytes = std::size_t{64} << 10;
/// Of a text that says that it is longer: memory follows what arrives.
constexpr std::uint64_t kMostReservedBytes = std::uint64_t{1} << 20;

}  // namespace

void FieldWriter::number(std::uint64_t value) {
    for (; value >= kMoreFollows; value >>= kNumberBits) {
        bytes_ += static_cast<char>((value & (kMoreFollows - 1)) | kMoreFollows);
    }
    bytes_ += static_cast<char>(value);
}

void FieldWriter::signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void FieldWriter::text(std::string_view text) {
    number(text.size());
    bytes_ += text;
}

void FieldReader::fail(const std::string& why) const {
    throw InvalidDocument(document_ + " is not valid: " + why);
}

/// Whether there are so many. Memory follows what arrives, not what is asked for.
bool FieldReader::fetch(std::size_t bytes) {
    if (!more_) {
        return false;
    }
    std::char_traits<char>::move(arrived_.data(), rest_.data(), rest_.size());
    std::size_t held = rest_.size();
    while (held < bytes && more_) {
        arrived_.resize(std::max(arrived_.size(), held + kArrivingBytes));
        const std::size_t got = more_(std::span(arrived_).subspan(held));
        held += got;
        if (got == 0) {
            more_ = nullptr;
        }
    }
    rest_ = std::string_view(arrived_).substr(0, held);
    return bytes <= held;
}

std::uint64_t FieldReader::long_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += kNumberBits) {
        if (!has(1)) {
            fail("it is cut short");
        }
        const auto byte = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        const std::uint64_t part = byte & (kMoreFollows - 1);
        if (part << shift >> shift != part) {
            break;
        }
        value |= part << shift;
        if ((byte & kMoreFollows) == 0) {
            return value;
        }
    }
    fail("a number is too large");
}

std::uint64_t FieldReader::number(std::uint64_t most) {
    const std::uint64_t value = number();
    if (value > most) {
        fail("a number is too large");
    }
    return value;
}

std::string_view FieldReader::text() {
    const std::uint64_t size = number();
    if (!has(size)) {
        fail("it is cut short");
    }
    const std::string_view result = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return result;
}

std::string FieldReader::long_text() {
    std::uint64_t left = number();
    std::string text;
    text.reserve(std::min(left, kMostReservedBytes));
    for (;;) {
        const std::string_view part = rest_.substr(0, left);
        text += part;
        rest_.remove_prefix(part.size());
        left -= part.size();
        if (left == 0) {
            return text;
        }
        if (!has(1)) {
            fail("it is cut short");
        }
    }
}

}  // namespace regtool::base
