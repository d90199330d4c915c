#include "serve/byte_range.hpp"

#include <algorithm>

#include "regtool/base/text.hpp"

namespace regtool::serve {

namespace {

bool take_unit(std::string_view& text, std::string_view unit) {
    text = base::trim(text);
    if (!base::equals_ignore_case(text.substr(0, unit.size()), unit)) {
        return false;
    }
    text.remove_prefix(unit.size());
    return true;
}

}  // namespace

std::variant<std::monostate, ByteRange, Unsatisfiable> select_range(std::string_view header,
                                                                    std::uint64_t size) {
    const std::size_t dash = header.find('-');
    if (!take_unit(header, "bytes=") || dash == std::string_view::npos ||
        header.find(',') != std::string_view::npos) {
        return std::monostate{};
    }
    const std::size_t middle = header.find('-');
    const std::string_view first_text = base::trim(header.substr(0, middle));
    const std::string_view last_text = base::trim(header.substr(middle + 1));
    const auto first = base::parse_decimal(first_text);
    const auto last = base::parse_decimal(last_text);
    if ((!first && !first_text.empty()) || (!last && !last_text.empty()) || (!first && !last)) {
        return std::monostate{};
    }
    if (!first) {  // the last so many bytes
        if (*last == 0 || size == 0) {
            return Unsatisfiable{};
        }
        return ByteRange{size - std::min(*last, size), size - 1};
    }
    if (last && *last < *first) {
        return std::monostate{};
    }
    if (*first >= size) {
        return Unsatisfiable{};
    }
    return ByteRange{*first, last ? std::min(*last, size - 1) : size - 1};
}

std::optional<ByteRange> parse_chunk_range(std::string_view header) {
    if (!take_unit(header, "bytes ")) {
        (void)take_unit(header, "bytes=");
    }
    header = header.substr(0, header.find('/'));
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto first = base::parse_decimal(base::trim(header.substr(0, dash)));
    const auto last = base::parse_decimal(base::trim(header.substr(dash + 1)));
    if (!first || !last || *last < *first || *last == UINT64_MAX) {
        return std::nullopt;
    }
    return ByteRange{*first, *last};
}

}  // namespace regtool::serve
