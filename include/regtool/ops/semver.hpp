#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::ops {

/// A version as tags write it: "1", "1.2", "v1.2.3", "1.2.3-rc.1+build" (semver.org 2.0.0; missing
/// parts count as 0, a leading "v" is dropped).
struct Version {
    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    std::uint64_t patch = 0;
    std::string prerelease;

    [[nodiscard]] static std::optional<Version> parse(std::string_view text);
    [[nodiscard]] std::strong_ordering operator<=>(const Version& other) const;
    [[nodiscard]] bool operator==(const Version& other) const;
};

/// "^1.2", "~1.2.3", ">=1.0 <2.0", "1.x", "1.2.3", "1.0 - 2.0", alternatives with "||" (npm's
/// grammar).
class VersionRange {
  public:
    /// Throws UsageError.
    [[nodiscard]] static VersionRange parse(std::string_view text);
    /// Pre-releases match only when a bound of the same major.minor.patch names one.
    [[nodiscard]] bool contains(const Version& version) const;

  private:
    enum class Operator { less, less_equal, greater, greater_equal, equal };

    struct Bound {
        Operator op;
        Version version;
    };

    void add_comparator(std::string_view text, std::vector<Bound>& bounds);

    std::vector<std::vector<Bound>> alternatives_;
};

}  // namespace regtool::ops
