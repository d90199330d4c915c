#include "regtool/layer/toc_place.hpp"

#include <charconv>
#include <vector>

#include "little_endian.hpp"
#include "regtool/base/text.hpp"

namespace regtool::layer {

namespace {

constexpr std::string_view kGzipWithExtra{"\x1f\x8b\x08\x04", 4};
constexpr std::size_t kGzipHeaderBytes = 10;
constexpr std::size_t kGzipEndBytes = 13;  ///< an empty deflate block, CRC and size
constexpr std::size_t kOffsetDigits = 16;
constexpr std::string_view kMagic = "STARGZ";
constexpr std::string_view kExternalMagic = "STARGZEXTERNALTOC";

constexpr std::size_t kFrameHeaderBytes = 8;  ///< of a zstd skippable frame
constexpr std::size_t kNumberBytes = 8;
constexpr std::uint64_t kTableType = 1;

/// The extra field of the gzip member that the layer ends with, when it is one of `extra_bytes`
/// bytes.
std::optional<std::string_view> extra_field(std::string_view tail, std::size_t extra_bytes) {
    const std::size_t footer_bytes = kGzipHeaderBytes + 2 + extra_bytes + kGzipEndBytes;
    if (tail.size() < footer_bytes) {
        return std::nullopt;
    }
    std::string_view footer = tail.substr(tail.size() - footer_bytes);
    if (!footer.starts_with(kGzipWithExtra)) {
        return std::nullopt;
    }
    footer.remove_prefix(kGzipHeaderBytes);
    if (little_endian(footer.substr(0, 2)) != extra_bytes) {
        return std::nullopt;
    }
    return footer.substr(2, extra_bytes);
}

/// Strips the head of a gzip subfield SG that takes up the whole extra field.
std::optional<std::string_view> subfield(std::optional<std::string_view> extra) {
    if (!extra || !extra->starts_with("SG") ||
        little_endian(extra->substr(2, 2)) != extra->size() - 4) {
        return std::nullopt;
    }
    return extra->substr(4);
}

std::optional<TocPlace> by_hex_offset(std::optional<std::string_view> field,
                                      std::uint64_t footer_begin) {
    if (!field || field->substr(kOffsetDigits) != kMagic) {
        return std::nullopt;
    }
    std::uint64_t first = 0;
    const auto parsed = std::from_chars(field->data(), field->data() + kOffsetDigits, first, 16);
    if (parsed.ec != std::errc() || parsed.ptr != field->data() + kOffsetDigits ||
        first >= footer_begin || footer_begin - first > kMaxTocBytes) {
        return std::nullopt;
    }
    return TocPlace{TocPlace::Form::estargz, first, footer_begin - first, first};
}

std::optional<TocPlace> find_estargz(std::string_view tail, std::uint64_t layer_bytes) {
    constexpr std::size_t kField = kOffsetDigits + kMagic.size();
    constexpr std::size_t kAround = kGzipHeaderBytes + 2 + kGzipEndBytes;
    if (const auto place = by_hex_offset(subfield(extra_field(tail, kField + 4)),
                                         layer_bytes - kAround - kField - 4)) {
        return place;
    }
    if (const auto place =
            by_hex_offset(extra_field(tail, kField), layer_bytes - kAround - kField)) {
        return place;
    }
    if (subfield(extra_field(tail, kExternalMagic.size() + 4)) == kExternalMagic) {
        return TocPlace{TocPlace::Form::external, 0, 0,
                        layer_bytes - kAround - kExternalMagic.size() - 4};
    }
    return std::nullopt;
}

/// Lies with the head of its frame before `end`.
std::optional<TocPlace> in_frame(std::uint64_t first,
                                 std::uint64_t count,
                                 std::uint64_t plain_bytes,
                                 std::uint64_t type,
                                 std::uint64_t end) {
    if (type != kTableType || first < kFrameHeaderBytes || first > end || count == 0 ||
        count > end - first || count > kMaxTocBytes || plain_bytes > kMaxTocBytes) {
        return std::nullopt;
    }
    return TocPlace{TocPlace::Form::zstd_skippable, first, count, first - kFrameHeaderBytes};
}

std::optional<TocPlace> find_zstd_chunked(std::string_view tail,
                                          std::uint64_t layer_bytes,
                                          std::size_t footer_bytes,
                                          std::string_view magic) {
    if (tail.size() < footer_bytes + kFrameHeaderBytes || !tail.ends_with(magic)) {
        return std::nullopt;
    }
    const std::string_view footer = tail.substr(tail.size() - footer_bytes);
    const auto number = [&](std::size_t i) {
        return little_endian(footer.substr(i * kNumberBytes, kNumberBytes));
    };
    return in_frame(number(0), number(1), number(2), number(3),
                    layer_bytes - footer_bytes - kFrameHeaderBytes);
}

}  // namespace

std::optional<TocPlace> find_toc(std::string_view tail, std::uint64_t layer_bytes) {
    if (tail.size() > layer_bytes) {
        return std::nullopt;
    }
    if (const auto place = find_estargz(tail, layer_bytes)) {
        return place;
    }
    constexpr std::size_t kContainersBytes = 64;
    if (const auto place = find_zstd_chunked(tail, layer_bytes, kContainersBytes, "GNUlInUx")) {
        return place;
    }
    constexpr std::size_t kSnapshotterBytes = 40;
    return find_zstd_chunked(tail, layer_bytes, kSnapshotterBytes, "GnUlInUx");
}

std::optional<TocPlace> parse_toc_position(std::string_view text, std::uint64_t layer_bytes) {
    constexpr std::size_t kNumbers = 4;
    std::vector<std::uint64_t> numbers;
    for (const std::string_view part : base::split(text, ':')) {
        const auto number = base::parse_decimal(part);
        if (!number) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    if (numbers.size() != kNumbers) {
        return std::nullopt;
    }
    return in_frame(numbers[0], numbers[1], numbers[2], numbers[3], layer_bytes);
}

}  // namespace regtool::layer
