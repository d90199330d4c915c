#include "model/host_grammar.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::model {

namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::uint64_t kMaxPort = 65535;

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
    return !label.empty() && is_alnum(label.front()) && is_alnum(label.back()) &&
           std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

[[noreturn]] void throw_bad_host(std::string_view whole, const std::string& why) {
    throw base::UsageError("invalid reference '" + base::printable(whole, 200) + "': " + why);
}

void check_port(std::string_view port, std::string_view whole) {
    const auto number = base::parse_decimal(port);
    if (!number || *number == 0 || *number > kMaxPort || port.front() == '0') {
        throw_bad_host(whole, "a port is a number from 1 to 65535");
    }
}

/// "[2001:DB8::0:1]" to "[2001:db8::1]".
std::string checked_ipv6(std::string_view bracketed, std::string_view whole) {
    const std::string text(bracketed.substr(1, bracketed.size() - 2));
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    // A dot means an IPv4-mapped spelling: an address in disguise, refused.
    if (text.find('.') != std::string::npos || ::inet_pton(AF_INET6, text.c_str(), &address) != 1 ||
        ::inet_ntop(AF_INET6, &address, canonical.data(), canonical.size()) == nullptr) {
        throw_bad_host(whole, "'" + base::printable(bracketed, 100) + "' is no IPv6 address");
    }
    return "[" + std::string(canonical.data()) + "]";
}

}  // namespace

HostParts split_host(std::string_view host_port) noexcept {
    const std::size_t bracket = host_port.rfind(']');
    const std::size_t colon = host_port.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon == std::string_view::npos) {
        return {host_port, {}};
    }
    return {host_port.substr(0, colon), host_port.substr(colon + 1)};
}

bool is_dotted_quad(std::string_view host) noexcept {
    std::size_t parts = 0;
    for (;;) {
        const std::size_t dot = host.find('.');
        const std::string_view part = host.substr(0, dot);
        const auto number = base::parse_decimal(part);
        constexpr std::uint64_t kMaxOctet = 255;
        if (!number || *number > kMaxOctet || (part.size() > 1 && part.front() == '0')) {
            return false;
        }
        ++parts;
        if (dot == std::string_view::npos) {
            return parts == 4;
        }
        host.remove_prefix(dot + 1);
    }
}

std::string checked_host(std::string_view host_port, std::string_view whole) {
    const HostParts parts = split_host(host_port);
    std::string host(parts.host);
    if (host.starts_with('[')) {
        if (!host.ends_with(']')) {
            throw_bad_host(whole, "an IPv6 address stands in brackets");
        }
        host = checked_ipv6(host, whole);
    } else {
        const std::vector<std::string_view> labels = base::split(host, '.');
        if (host.size() > kMaxHostBytes || !std::all_of(labels.begin(), labels.end(), is_label)) {
            throw_bad_host(whole, "'" + base::printable(host, 100) + "' is no host name");
        }
    }
    if (parts.host.size() == host_port.size()) {
        return host;
    }
    check_port(parts.port, whole);
    return host + ":" + std::string(parts.port);
}

}  // namespace regtool::model
