#include "flat_buffer.hpp"

#include "little_endian.hpp"
#include "regtool/base/error.hpp"

namespace regtool::layer {

namespace {

constexpr std::size_t kOffsetBytes = 4;
constexpr std::size_t kSlotBytes = 2;
/// A table's list of places begins with its own size and the table's.
constexpr std::size_t kHeadSlots = 2;

[[noreturn]] void fail() {
    throw base::InvalidDocument("it is no valid FlatBuffer: something leads out of it");
}

/// `bytes` of the document from `place` on.
std::string_view part(std::string_view document, std::size_t place, std::size_t bytes) {
    if (place > document.size() || bytes > document.size() - place) {
        fail();
    }
    return document.substr(place, bytes);
}

std::uint64_t number(std::string_view document, std::size_t place, std::size_t bytes) {
    return little_endian(part(document, place, bytes));
}

/// Where the offset at `place` leads: it counts from itself.
std::size_t follow(std::string_view document, std::size_t place) {
    return place + number(document, place, kOffsetBytes);
}

std::string_view text_at(std::string_view document, std::size_t place) {
    return part(document, place + kOffsetBytes, number(document, place, kOffsetBytes));
}

}  // namespace

FlatTable FlatVector::table(std::size_t index) const {
    return {document_, follow(document_, first_ + index * kOffsetBytes)};
}

std::string_view FlatVector::text(std::size_t index) const {
    return text_at(document_, follow(document_, first_ + index * kOffsetBytes));
}

FlatTable FlatTable::root(std::string_view document) {
    return {document, follow(document, 0)};
}

FlatTable::FlatTable(std::string_view document, std::size_t place)
    : document_(document), place_(place) {
    const auto back = static_cast<std::int32_t>(number(document, place, kOffsetBytes));
    const std::int64_t slots = static_cast<std::int64_t>(place) - back;
    if (slots < 0) {
        fail();
    }
    const auto first = static_cast<std::size_t>(slots);
    const std::size_t slots_bytes = number(document, first, kSlotBytes);
    bytes_ = number(document, first + kSlotBytes, kSlotBytes);
    if (slots_bytes < kHeadSlots * kSlotBytes || bytes_ < kOffsetBytes) {
        fail();
    }
    slots_ = part(document, first, slots_bytes).substr(kHeadSlots * kSlotBytes);
    (void)part(document, place, bytes_);
}

std::optional<std::size_t> FlatTable::find(unsigned field, std::size_t bytes) const {
    if ((std::size_t{field} + 1) * kSlotBytes > slots_.size()) {
        return std::nullopt;
    }
    const std::size_t within = number(slots_, field * kSlotBytes, kSlotBytes);
    if (within == 0) {
        return std::nullopt;
    }
    if (within + bytes > bytes_) {
        fail();
    }
    return place_ + within;
}

std::uint8_t FlatTable::byte(unsigned field, std::uint8_t otherwise) const {
    const auto place = find(field, 1);
    return place ? static_cast<std::uint8_t>(number(document_, *place, 1)) : otherwise;
}

std::uint32_t FlatTable::uint32(unsigned field) const {
    const auto place = find(field, 4);
    return place ? static_cast<std::uint32_t>(number(document_, *place, 4)) : 0;
}

std::int32_t FlatTable::int32(unsigned field) const {
    return static_cast<std::int32_t>(uint32(field));
}

std::int64_t FlatTable::int64(unsigned field) const {
    const auto place = find(field, 8);
    return place ? static_cast<std::int64_t>(number(document_, *place, 8)) : 0;
}

std::string_view FlatTable::text(unsigned field) const {
    const auto place = find(field, kOffsetBytes);
    return place ? text_at(document_, follow(document_, *place)) : std::string_view();
}

std::optional<FlatTable> FlatTable::table(unsigned field) const {
    const auto place = find(field, kOffsetBytes);
    return place ? std::optional(FlatTable(document_, follow(document_, *place))) : std::nullopt;
}

FlatVector FlatTable::vector(unsigned field) const {
    const auto place = find(field, kOffsetBytes);
    if (!place) {
        return {};
    }
    const std::size_t vector = follow(document_, *place);
    const std::size_t size = number(document_, vector, kOffsetBytes);
    (void)part(document_, vector + kOffsetBytes, size * kOffsetBytes);
    return {document_, vector + kOffsetBytes, size};
}

}  // namespace regtool::layer
