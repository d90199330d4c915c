#include "http/no_proxy.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

struct Address {
    int family = 0;
    std::array<std::uint8_t, 16> bytes{};
};

std::optional<Address> parse_address(std::string_view text) {
    const std::string copy(text);
    Address address;
    for (const int family : {AF_INET, AF_INET6}) {
        if (inet_pton(family, copy.c_str(), address.bytes.data()) == 1) {
            address.family = family;
            return address;
        }
    }
    return std::nullopt;
}

bool same_prefix(const Address& a, const Address& b, std::uint64_t bits) {
    for (std::size_t i = 0; bits > 0; ++i) {
        const auto here = static_cast<unsigned>(bits < 8 ? bits : 8);
        const auto mask = static_cast<std::uint8_t>(0xff00U >> here);
        if ((a.bytes[i] & mask) != (b.bytes[i] & mask)) {
            return false;
        }
        bits -= here;
    }
    return true;
}

bool matches_address(const Address& host, std::string_view entry) {
    const std::size_t slash = entry.find('/');
    std::string_view network = entry.substr(0, slash);
    if (network.starts_with('[') && network.ends_with(']')) {
        network = network.substr(1, network.size() - 2);
    }
    const auto address = parse_address(network);
    const std::uint64_t all = host.family == AF_INET ? 32 : 128;
    const auto bits =
        slash == std::string_view::npos ? all : base::parse_decimal(entry.substr(slash + 1));
    return address && address->family == host.family && bits && *bits <= all &&
           same_prefix(host, *address, *bits);
}

bool matches_name(std::string_view host, std::string_view entry) {
    while (entry.starts_with('.')) {
        entry.remove_prefix(1);
    }
    while (entry.ends_with('.')) {
        entry.remove_suffix(1);
    }
    if (entry.empty() || host.size() < entry.size() ||
        !base::equals_ignore_case(host.substr(host.size() - entry.size()), entry)) {
        return false;
    }
    return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

bool is_excepted(std::string_view host, std::string_view no_proxy) {
    if (base::trim(no_proxy) == "*") {
        return true;
    }
    const auto address = parse_address(host);
    constexpr std::string_view kSeparators = ", \t";
    while (!no_proxy.empty()) {
        const std::string_view entry = no_proxy.substr(0, no_proxy.find_first_of(kSeparators));
        no_proxy.remove_prefix(entry.size() == no_proxy.size() ? entry.size() : entry.size() + 1);
        if (address ? matches_address(*address, entry) : matches_name(host, entry)) {
            return true;
        }
    }
    return false;
}

}  // namespace regtool::http
