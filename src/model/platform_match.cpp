#include <algorithm>

#include "regtool/base/text.hpp"
#include "regtool/model/platform.hpp"

namespace regtool::model {

namespace {

/// "v7" -> 7, "" -> nothing.
std::optional<int> major_of(std::string_view variant) {
    if (!variant.starts_with('v')) {
        return std::nullopt;
    }
    const auto number = base::parse_decimal(variant.substr(1, variant.find('.') - 1));
    return number && *number < 100 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

int minor_of(std::string_view variant) {
    const std::size_t dot = variant.find('.');
    const auto number =
        dot == std::string_view::npos ? std::nullopt : base::parse_decimal(variant.substr(dot + 1));
    return number && *number < 100 ? static_cast<int>(*number) : 0;
}

/// How far below the wanted variant the offered one is, when the newer processor runs the older
/// code.
std::optional<int> distance(const Platform& wanted, const Platform& offered) {
    constexpr int kAmd64Baseline = 1;
    const std::string& architecture = wanted.architecture;
    const int wanted_major = major_of(wanted.variant).value_or(kAmd64Baseline);
    const int offered_major = major_of(offered.variant).value_or(kAmd64Baseline);
    if (architecture == "amd64" || architecture == "arm") {
        return offered_major <= wanted_major ? std::optional(wanted_major - offered_major)
                                             : std::nullopt;
    }
    if (architecture == "arm64") {
        // Armv9.x is Armv8.(x+5) with more: v9.2 runs v9.1, v9, v8.7 … v8.
        constexpr int kV9IsV8Plus = 5;
        const int wanted_level = minor_of(wanted.variant) + (wanted_major == 9 ? kV9IsV8Plus : 0);
        const int offered_level =
            minor_of(offered.variant) + (offered_major == 9 ? kV9IsV8Plus : 0);
        if (offered_major > wanted_major || offered_level > wanted_level) {
            return std::nullopt;
        }
        // Steps within v9 come before the first step down to v8.
        constexpr int kDownToV8 = 100;
        return (wanted_level - offered_level) + (wanted_major - offered_major) * kDownToV8;
    }
    return wanted.variant == offered.variant ? std::optional(0) : std::nullopt;
}

/// Windows builds run on hosts of their own build; later ones on the same compatibility line
/// (PLT-09).
bool windows_version_fits(const std::string& wanted, const std::string& offered) {
    if (wanted.empty() || offered.empty()) {
        return true;
    }
    const auto build = [](const std::string& version) {
        const auto parts = base::split(version, '.');
        return parts.size() >= 3 ? base::parse_decimal(parts[2]).value_or(0) : 0;
    };
    constexpr std::uint64_t kFirstStable = 20348;
    constexpr std::uint64_t kSecondStable = 26100;
    const std::uint64_t host = build(wanted);
    const std::uint64_t image = build(offered);
    if (host < kFirstStable) {
        return host == image;
    }
    const bool same_line =
        (host >= kSecondStable) == (image >= kSecondStable) && image >= kFirstStable;
    return same_line && image <= host;
}

}  // namespace

std::optional<int> match_rank(const Platform& wanted_raw, const Platform& offered_raw) {
    const Platform wanted = wanted_raw.normalized();
    const Platform offered = offered_raw.normalized();
    if (wanted.os != offered.os || wanted.architecture != offered.architecture) {
        return std::nullopt;
    }
    const auto has = [&wanted](const std::string& feature) {
        return std::find(wanted.os_features.begin(), wanted.os_features.end(), feature) !=
               wanted.os_features.end();
    };
    // What an entry needs the request must offer (PLT-08).
    if (!std::all_of(offered.os_features.begin(), offered.os_features.end(), has)) {
        return std::nullopt;
    }
    if (wanted.os == "windows" && !windows_version_fits(wanted.os_version, offered.os_version)) {
        return std::nullopt;
    }
    return distance(wanted, offered);
}

}  // namespace regtool::model
