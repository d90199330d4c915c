#include "http/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

struct Block4 {
    std::uint32_t network;
    int bits;
};

/// IANA special-purpose registry, RFC 6890 and its updates.
constexpr std::array<Block4, 14> kLocal4 = {{
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // carrier-grade NAT
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local, metadata services
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // IETF protocol assignments
    {0xc0000200, 24},  // documentation
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarking
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
}};

bool is_local4(std::uint32_t address) noexcept {
    return std::any_of(kLocal4.begin(), kLocal4.end(), [&](const Block4& block) {
        return (address >> (32 - block.bits)) == (block.network >> (32 - block.bits));
    });
}

std::uint32_t word_at(const std::array<std::uint8_t, 16>& bytes, std::size_t offset) noexcept {
    return (std::uint32_t{bytes[offset]} << 24) | (std::uint32_t{bytes[offset + 1]} << 16) |
           (std::uint32_t{bytes[offset + 2]} << 8) | std::uint32_t{bytes[offset + 3]};
}

bool is_local6(const std::array<std::uint8_t, 16>& bytes) noexcept {
    const std::uint32_t first = word_at(bytes, 0);
    if (first == 0 && word_at(bytes, 4) == 0) {
        // ::, ::1, IPv4-compatible and IPv4-mapped: judged by the IPv4 part; ::1 is 0.0.0.1.
        return is_local4(word_at(bytes, 12));
    }
    if (first == 0x0064ff9b) {  // NAT64
        return is_local4(word_at(bytes, 12));
    }
    if ((first >> 16) == 0x2002) {  // 6to4
        return is_local4(word_at(bytes, 2));
    }
    return (first >> 25) == (0xfc000000U >> 25)     // unique local
           || (first >> 22) == (0xfe800000U >> 22)  // link-local
           || (first >> 22) == (0xfec00000U >> 22)  // site-local
           || (first >> 24) == 0xff                 // multicast
           || first == 0x20010000                   // Teredo
           || first == 0x20010db8;                  // documentation
}

}  // namespace

bool is_local_address(const sockaddr& address) noexcept {
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        return is_local4(ntohl(in.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        return is_local6(bytes);
    }
    return true;  // local sockets
}

bool is_local_literal(std::string_view host) noexcept {
    const std::string text(host);
    in_addr v4{};
    // inet_aton also reads octal, hexadecimal and short forms, as getaddrinfo does.
    if (inet_aton(text.c_str(), &v4) != 0) {
        return is_local4(ntohl(v4.s_addr));
    }
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
        return is_local6(bytes);
    }
    return is_loopback_name(host);
}

bool is_loopback_name(std::string_view host) noexcept {
    constexpr std::string_view suffix = ".localhost";
    if (host == "localhost" || host == "::1" ||
        (host.size() > suffix.size() && host.substr(host.size() - suffix.size()) == suffix)) {
        return true;
    }
    in_addr v4{};
    const std::string text(host);
    return inet_pton(AF_INET, text.c_str(), &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

}  // namespace regtool::http
