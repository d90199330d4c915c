#include <cstdint>
#include <optional>

#include "regtool/base/error.hpp"
#include "regtool/ops/packages.hpp"

namespace regtool::ops {

namespace {

constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kEntryBytes = 4 * kNumberBytes;  ///< tag, type, place in the data, count
// As rpm itself bounds them.
constexpr std::uint32_t kMaxEntries = 0xffff;
constexpr std::uint32_t kMaxDataBytes = 0x0fffffff;

enum Tag : std::uint32_t {
    kName = 1000,
    kVersion = 1001,
    kRelease = 1002,
    kEpoch = 1003,
    kArchitecture = 1022,
};

constexpr std::uint32_t kTypeInt32 = 4;
constexpr std::uint32_t kTypeString = 6;

[[noreturn]] void throw_invalid(const char* why) {
    throw base::InvalidDocument(std::string("a header of rpm's database is not valid: ") + why);
}

/// Big endian. `at` + 4 must be within `bytes`.
std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < kNumberBytes; ++i) {
        number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

class Header {
  public:
    explicit Header(std::string_view bytes) {
        if (bytes.size() < 2 * kNumberBytes) {
            throw_invalid("it is cut short");
        }
        const std::uint32_t entries = number_at(bytes, 0);
        const std::uint32_t data_bytes = number_at(bytes, kNumberBytes);
        if (entries > kMaxEntries || data_bytes > kMaxDataBytes) {
            throw_invalid("it is too large");
        }
        bytes.remove_prefix(2 * kNumberBytes);
        const std::size_t index_bytes = entries * kEntryBytes;
        if (bytes.size() != index_bytes + data_bytes) {
            throw_invalid("its size is not what it says");
        }
        index_ = bytes.substr(0, index_bytes);
        data_ = bytes.substr(index_bytes);
    }

    [[nodiscard]] std::optional<std::string> text(Tag tag) const {
        const auto place = find(tag, kTypeString);
        if (!place) {
            return std::nullopt;
        }
        const std::string_view rest = data_.substr(*place);
        const std::size_t end = rest.find('\0');
        if (end == std::string_view::npos) {
            throw_invalid("a text has no end");
        }
        return std::string(rest.substr(0, end));
    }

    [[nodiscard]] std::optional<std::uint32_t> number(Tag tag) const {
        const auto place = find(tag, kTypeInt32);
        if (!place) {
            return std::nullopt;
        }
        if (data_.size() - *place < kNumberBytes) {
            throw_invalid("a number is cut short");
        }
        return number_at(data_, *place);
    }

  private:
    /// Where the data of the first entry for a tag begin.
    [[nodiscard]] std::optional<std::size_t> find(Tag tag, std::uint32_t type) const {
        for (std::size_t at = 0; at < index_.size(); at += kEntryBytes) {
            if (number_at(index_, at) != tag) {
                continue;
            }
            const std::uint32_t place = number_at(index_, at + 2 * kNumberBytes);
            if (number_at(index_, at + kNumberBytes) != type ||
                number_at(index_, at + 3 * kNumberBytes) == 0) {
                throw_invalid("a field has another type than it should");
            }
            if (place >= data_.size()) {
                throw_invalid("a field lies outside of it");
            }
            return place;
        }
        return std::nullopt;
    }

    std::string_view index_;
    std::string_view data_;
};

}  // namespace

Package parse_rpm_header(std::string_view bytes) {
    const Header header(bytes);
    const auto name = header.text(kName);
    const auto version = header.text(kVersion);
    if (!name || !version || name->empty() || version->empty()) {
        throw_invalid("it has no name or no version");
    }
    Package package{*name, *version, header.text(kArchitecture).value_or("")};
    if (const auto release = header.text(kRelease)) {
        package.version += "-" + *release;
    }
    if (const auto epoch = header.number(kEpoch)) {
        package.version.insert(0, std::to_string(*epoch) + ":");
    }
    return package;
}

}  // namespace regtool::ops
