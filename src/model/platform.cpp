#include "regtool/model/platform.hpp"

#include <sys/utsname.h>

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

struct Alias {
    std::string_view written;
    std::string_view architecture;
    std::string_view variant;
};

constexpr Alias kAliases[] = {
    {"aarch64", "arm64", ""}, {"x86_64", "amd64", ""}, {"x86-64", "amd64", ""},
    {"i386", "386", ""},      {"i486", "386", ""},     {"i586", "386", ""},
    {"i686", "386", ""},      {"armhf", "arm", "v7"},  {"armel", "arm", "v6"},
};

constexpr std::string_view kKnownArchitectures[] = {
    "386",    "amd64",    "arm",   "arm64",   "loong64", "mips",  "mipsle",
    "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x", "wasm"};
constexpr std::string_view kKnownSystems[] = {
    "aix",   "android", "darwin",  "dragonfly", "freebsd", "illumos", "ios",
    "linux", "netbsd",  "openbsd", "plan9",     "solaris", "windows", "wasip1"};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view text) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

[[noreturn]] void throw_bad_platform(std::string_view text, std::string_view why) {
    base::UsageError error("invalid platform '" + base::printable(text, 100) +
                           "': " + std::string(why));
    error.set_hint("--platform linux/amd64, linux/arm64 or linux/arm/v7");
    throw error;
}

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-';
    });
}

/// A version or a feature is written between parentheses, slashes and plus signs.
bool are_details(const Platform& platform) {
    const auto is_detail = [](const std::string& feature) { return is_word(feature); };
    return (platform.os_version.empty() || is_word(platform.os_version)) &&
           std::all_of(platform.os_features.begin(), platform.os_features.end(), is_detail);
}

/// "windows(10.0.17763+win32k)" or "linux/amd64:1.0": version and features apart from the rest.
void take_os_details(std::string& os, Platform& platform, std::string_view whole) {
    const std::size_t open = os.find('(');
    if (open == std::string::npos) {
        return;
    }
    if (!os.ends_with(')')) {
        throw_bad_platform(whole, "a parenthesis is not closed");
    }
    const std::string details = os.substr(open + 1, os.size() - open - 2);
    const std::vector<std::string_view> parts = base::split(details, '+');
    platform.os_version = parts.front();
    platform.os_features.assign(parts.begin() + 1, parts.end());
    os.resize(open);
}

std::string arm64_variant(const std::string& variant) {
    if (variant.empty() || variant == "8" || variant == "v8" || variant == "v8.0") {
        return "v8";
    }
    if (variant == "9" || variant == "9.0" || variant == "v9.0") {
        return "v9";
    }
    return variant;
}

std::string arm_variant(const std::string& variant) {
    if (variant.empty() || variant == "7") {
        return "v7";
    }
    return variant == "5" || variant == "6" || variant == "8" ? "v" + variant : variant;
}

}  // namespace

Platform Platform::parse(std::string_view text) {
    Platform platform;
    std::string_view rest = text;
    // os/arch[/variant][:osversion]
    if (const std::size_t colon = rest.rfind(':');
        colon != std::string_view::npos && rest.find(')') == std::string_view::npos) {
        platform.os_version = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
    }
    std::vector<std::string_view> parts = base::split(rest, '/');
    if (parts.size() > 3) {
        throw_bad_platform(text, "it is os/arch[/variant]");
    }
    platform.os = parts[0];
    take_os_details(platform.os, platform, text);
    platform.architecture = parts.size() > 1 ? std::string(parts[1]) : "";
    platform.variant = parts.size() > 2 ? std::string(parts[2]) : "";
    const auto words_ok = [&] {
        return is_word(platform.os) && (parts.size() < 2 || is_word(platform.architecture)) &&
               (parts.size() < 3 || is_word(platform.variant));
    };
    if (!words_ok()) {
        throw_bad_platform(text, "it is os/arch[/variant]");
    }
    if (!are_details(platform)) {
        throw_bad_platform(text,
                           "a version or a feature has other characters than letters, "
                           "digits, '.', '-' and '_'");
    }
    if (parts.size() == 1) {
        const std::string word = base::to_lower(platform.os);
        if (contains(kKnownSystems, word) || word == "macos") {
            platform.architecture = host().architecture;
        } else {
            platform.architecture = platform.os;
            platform.os = "linux";
            if (!contains(kKnownArchitectures, platform.normalized().architecture)) {
                throw_bad_platform(text, "neither a system nor an architecture");
            }
        }
    }
    return platform.normalized();
}

Platform Platform::host() {
    Platform platform;
    platform.os = "linux";
    utsname names{};
    platform.architecture = ::uname(&names) == 0 ? names.machine : "amd64";
    if (platform.architecture == "armv7l" || platform.architecture == "armv8l") {
        platform.architecture = "arm";
    } else if (platform.architecture == "armv6l") {
        platform.architecture = "armel";
    }
    return platform.normalized();
}

Platform Platform::normalized() const {
    Platform result = *this;
    result.os = base::to_lower(os);
    result.os = result.os == "macos" ? "darwin" : result.os;
    result.architecture = base::to_lower(architecture);
    result.variant = base::to_lower(variant);
    for (const Alias& alias : kAliases) {
        if (alias.written == result.architecture) {
            result.architecture = alias.architecture;
            result.variant = result.variant.empty() ? std::string(alias.variant) : result.variant;
            break;
        }
    }
    if (result.architecture == "arm64") {
        result.variant = arm64_variant(result.variant);
    } else if (result.architecture == "arm") {
        result.variant = arm_variant(result.variant);
    } else if (result.architecture == "amd64" &&
               (result.variant == "v1" || result.variant == "1")) {
        result.variant.clear();
    }
    return result;
}

std::string Platform::str() const {
    std::string text = os;
    if (!os_version.empty() || !os_features.empty()) {
        text += "(" + os_version;
        for (const std::string& feature : os_features) {
            text += "+" + feature;
        }
        text += ")";
    }
    text += "/" + architecture;
    // arm64 has one variant in use: naming it tells nothing.
    const bool usual = architecture == "arm64" && variant == "v8";
    return variant.empty() || usual ? text : text + "/" + variant;
}

bool Platform::is_unknown() const {
    return os.empty() || os == "unknown" || architecture.empty() || architecture == "unknown";
}

}  // namespace regtool::model
