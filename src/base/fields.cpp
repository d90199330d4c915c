#include "regtool/base/fields.hpp"

#include "regtool/base/error.hpp"

namespace regtool::base {

namespace {

constexpr unsigned kNumberBits = 7;
constexpr unsigned kMoreFollows = 0x80;

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

std::uint64_t FieldReader::number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += kNumberBits) {
        if (rest_.empty()) {
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

std::int64_t FieldReader::signed_number() {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

std::string_view FieldReader::text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
        fail("it is cut short");
    }
    const std::string_view result = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return result;
}

}  // namespace regtool::base
