#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace regtool::test {

/// A network in memory for whole programs, libcurl included: a program that links it has socket(),
/// connect() and getaddrinfo() of its own, in the place of libc's. While an instance lives, each
/// TCP connection is one end of a socket pair whose other end has already said all that it will say
/// and hung up; the client finds a closed connection after the script and never has to wait. No
/// name is looked up and no packet leaves. One instance at a time; used by one thread, besides
/// libcurl's resolver.
class MemoryNetwork {
  public:
    /// `scripts` are what the connections, in the order in which they are made, get to read. Once
    /// they are used up, connections are refused.
    explicit MemoryNetwork(std::vector<std::string> scripts);
    ~MemoryNetwork();
    MemoryNetwork(const MemoryNetwork&) = delete;
    MemoryNetwork& operator=(const MemoryNetwork&) = delete;
    MemoryNetwork(MemoryNetwork&&) = delete;
    MemoryNetwork& operator=(MemoryNetwork&&) = delete;

    struct Connection {
        std::string address;     ///< "192.0.2.1", of the peer
        std::uint16_t port = 0;  ///< the same
        std::string sent;        ///< by the client, until now
    };

    /// All connections that were made, refused ones left out.
    [[nodiscard]] std::vector<Connection> connections();

    /// What a host name resolves to here: a public address, another one for another name as far as
    /// there are enough. Addresses as text are themselves.
    [[nodiscard]] static std::string address_of(const std::string& name);
};

}  // namespace regtool::test
