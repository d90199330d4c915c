#include "serve/listen_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::serve {

namespace {

constexpr int kBacklog = 128;

base::UsageError bad_address(std::string_view text, const std::string& why) {
    base::UsageError error("--listen " + base::printable(text, 100) + ": " + why);
    error.set_hint("--listen 127.0.0.1:5000 for this machine, 0.0.0.0:5000 for the network");
    return error;
}

bool is_address(int family, const std::string& host) {
    in6_addr parsed{};
    return ::inet_pton(family, host.c_str(), &parsed) == 1;
}

/// The address as the socket calls take it.
socklen_t fill(const ListenAddress& address, sockaddr_storage& storage) {
    if (address.ipv6) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(address.port);
        (void)::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);  // checked when parsed
        std::memcpy(&storage, &v6, sizeof v6);
        return sizeof v6;
    }
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    (void)::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr);  // checked when parsed
    std::memcpy(&storage, &v4, sizeof v4);
    return sizeof v4;
}

[[noreturn]] void throw_cannot_listen(const ListenAddress& address, int reason) {
    base::IoError error(address.str(), "cannot listen", reason);
    if (reason == EADDRINUSE) {
        error.set_hint("another program has this port; --listen 127.0.0.1:0 takes a free one");
    }
    throw error;
}

}  // namespace

std::string ListenAddress::str() const {
    return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool ListenAddress::is_loopback() const {
    if (!ipv6) {
        return host.starts_with("127.");
    }
    in6_addr parsed{};
    (void)::inet_pton(AF_INET6, host.c_str(), &parsed);  // checked when parsed
    return std::memcmp(&parsed, &in6addr_loopback, sizeof parsed) == 0;
}

ListenAddress parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        throw bad_address(text, "must be ADDRESS:PORT");
    }
    const auto port = base::parse_decimal(text.substr(colon + 1));
    if (!port || *port > UINT16_MAX) {
        throw bad_address(text, "the port must be a number up to 65535");
    }
    ListenAddress address;
    address.port = static_cast<std::uint16_t>(*port);
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        address.ipv6 = true;
        host = host.substr(1, host.size() - 2);
    }
    address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
    if (!is_address(address.ipv6 ? AF_INET6 : AF_INET, address.host)) {
        throw bad_address(text, "the address must be numeric, IPv6 in brackets, or localhost");
    }
    return address;
}

base::UniqueFd open_listener(ListenAddress& address) {
    const int family = address.ipv6 ? AF_INET6 : AF_INET;
    base::UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) {
        throw_cannot_listen(address, errno);
    }
    // A server that was just stopped leaves connections behind that would hold the port.
    const int on = 1;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_storage storage{};
    socklen_t size = fill(address, storage);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
        ::listen(socket.get(), kBacklog) != 0) {
        throw_cannot_listen(address, errno);
    }
    size = sizeof storage;
    if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
        throw_cannot_listen(address, errno);
    }
    // The port stands at the same place in both families.
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    address.port = ntohs(v4.sin_port);
    return socket;
}

}  // namespace regtool::serve
