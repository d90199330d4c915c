#pragma once

#include <cstdint>
#include <string>

namespace regtool::test {

/// Writes a header as rpm's databases keep it, valid or not.
class RpmHeader {
  public:
    RpmHeader& text(std::uint32_t tag, const std::string& value) {
        return entry(tag, 6, 1, value + '\0');
    }

    RpmHeader& number(std::uint32_t tag, std::uint32_t value) {
        data_.resize((data_.size() + 3) / 4 * 4);
        return entry(tag, 4, 1, big_endian(value));
    }

    RpmHeader& entry(std::uint32_t tag,
                     std::uint32_t type,
                     std::uint32_t count,
                     const std::string& bytes) {
        return entry_at(static_cast<std::uint32_t>(data_.size()), tag, type, count, bytes);
    }

    /// `place` is where the index says that the data begin.
    RpmHeader& entry_at(std::uint32_t place,
                        std::uint32_t tag,
                        std::uint32_t type,
                        std::uint32_t count,
                        const std::string& bytes) {
        index_ += big_endian(tag) + big_endian(type) + big_endian(place) + big_endian(count);
        data_ += bytes;
        return *this;
    }

    [[nodiscard]] std::string finish() const {
        return big_endian(static_cast<std::uint32_t>(index_.size() / 16)) +
               big_endian(static_cast<std::uint32_t>(data_.size())) + index_ + data_;
    }

    [[nodiscard]] static std::string big_endian(std::uint32_t number) {
        std::string bytes;
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(number >> static_cast<unsigned>(shift));
        }
        return bytes;
    }

  private:
    std::string index_;
    std::string data_;
};

/// What every package has.
[[nodiscard]] inline RpmHeader rpm_package(const std::string& name,
                                           const std::string& version,
                                           const std::string& release = "1") {
    return RpmHeader()
        .entry(63, 7, 16, std::string(16, '\0'))
        .text(1000, name)
        .text(1001, version)
        .text(1002, release)
        .text(1022, "x86_64");
}

}  // namespace regtool::test
