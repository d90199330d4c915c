#pragma once

#include <string_view>

struct sockaddr;

namespace regtool::http {

/// Addresses that a stranger's answer must not make us talk to: loopback, private, link-local,
/// carrier-grade NAT, multicast, unspecified, and IPv6 forms that embed such an IPv4 address
/// (T-08).
[[nodiscard]] bool is_local_address(const sockaddr& address) noexcept;
/// The same for a host that is written as an address; false for names.
[[nodiscard]] bool is_local_literal(std::string_view host) noexcept;
/// "localhost" and loopback literals: never proxied.
[[nodiscard]] bool is_loopback_name(std::string_view host) noexcept;

}  // namespace regtool::http
