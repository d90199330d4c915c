#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "regtool/base/fd.hpp"

namespace regtool::serve {

/// `ADDRESS:PORT` that a server listens at.
struct ListenAddress {
    std::string host;  ///< a numeric address, without brackets
    std::uint16_t port = 0;
    bool ipv6 = false;

    /// "127.0.0.1:5000", "[::1]:5000"
    [[nodiscard]] std::string str() const;
    [[nodiscard]] bool is_loopback() const;
};

/// A numeric IPv4 address, an IPv6 address in brackets, or `localhost` (127.0.0.1), and a port; 0
/// lets the system choose. A host is always named: nothing is opened to the network by leaving it
/// out. Throws UsageError.
[[nodiscard]] ListenAddress parse_listen_address(std::string_view text);

/// A listening socket; sets the port that the system chose. Throws IoError with a hint when another
/// program has the port.
[[nodiscard]] base::UniqueFd open_listener(ListenAddress& address);

}  // namespace regtool::serve
