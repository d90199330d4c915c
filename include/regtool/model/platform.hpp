#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::model {

/// os/architecture[/variant][:osversion], normalised as containerd does: `arm64` =
/// `arm64/v8` with the variant dropped in text, `arm` = `arm/v7`, `x86_64` = `amd64`.
struct Platform {
    std::string os;
    std::string architecture;
    std::string variant;
    std::string os_version;
    std::vector<std::string> os_features;

    /// Throws UsageError. Single words complete with the host (PLT-01).
    [[nodiscard]] static Platform parse(std::string_view text);
    /// linux and this machine's architecture.
    [[nodiscard]] static Platform host();
    /// Aliases and variants brought to their one form (PLT-02, PLT-03).
    [[nodiscard]] Platform normalized() const;
    /// "linux/arm64/v8", "windows(10.0.17763)/amd64"
    [[nodiscard]] std::string str() const;
    /// `unknown/unknown` or no os at all: never chosen by name (PLT-07).
    [[nodiscard]] bool is_unknown() const;

    [[nodiscard]] auto operator<=>(const Platform&) const = default;
};

/// Rank of `offered` for a request: 0 is an exact match, larger is a worse compatible one, nullopt
/// is none (PLT-04, PLT-05, PLT-08, PLT-09).
[[nodiscard]] std::optional<int> match_rank(const Platform& wanted, const Platform& offered);

}  // namespace regtool::model
