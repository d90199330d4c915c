#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace regtool::test {

/// One tar header, with the fields as text so that a test can also say wrong things.
struct TarHeader {
    std::string name{};
    char type = '0';
    std::string content{};
    std::string link{};
    std::uint64_t mode = 0644;
    std::uint64_t uid = 0;
    std::uint64_t gid = 0;
    std::uint64_t mtime = 0;
    std::string user{};
    std::string group{};
    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    bool ustar = true;         ///< false: v7, no magic
    std::string size_field{};  ///< 12 raw bytes in place of the size of `content`
    std::string uid_field{};   ///< 8 raw bytes in place of `uid`
    std::string prefix{};      ///< ustar name prefix
};

using PaxRecords = std::vector<std::pair<std::string, std::string>>;

/// Writes tar archives byte by byte, valid ones and others, for tests.
class TarBuilder {
  public:
    TarBuilder& add(const TarHeader& header);
    TarBuilder& file(std::string name, std::string content);
    TarBuilder& directory(std::string name);
    TarBuilder& symlink(std::string name, std::string target);
    TarBuilder& hardlink(std::string name, std::string target);
    /// An `x` header (or `g`), which speaks of the next entry.
    TarBuilder& pax(const PaxRecords& records, char type = 'x');
    /// GNU long name (`L`) or long link target (`K`) for the next entry.
    TarBuilder& gnu_long(char type, std::string text);
    /// Bytes as they are.
    TarBuilder& raw(std::string_view bytes);

    /// The archive so far, without an end marker.
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

    /// The archive with two zero blocks behind.
    [[nodiscard]] std::string finish() const { return bytes_ + std::string(1024, '\0'); }

  private:
    std::string bytes_;
};

/// One record as PAX writes it: "LEN KEY=VALUE\n".
[[nodiscard]] std::string pax_record(std::string_view key, std::string_view value);
/// A number as GNU tar's base-256, in `width` bytes.
[[nodiscard]] std::string base256(std::int64_t number, std::size_t width);

}  // namespace regtool::test
