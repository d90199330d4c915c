#include "support/memory_network.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "regtool/base/fd.hpp"

namespace regtool::test {

namespace {

struct Pair {
    int client = -1;  ///< owned by who asked for the socket
    base::UniqueFd peer;
    MemoryNetwork::Connection connection;
};

struct State {
    std::vector<std::string> scripts;
    std::size_t used = 0;
    std::vector<Pair> pairs;
};

/// What the functions that stand for libc's look at. No lock: see the header.
std::optional<State> state;

void read_what_was_sent(Pair& pair) {
    std::array<char, 65536> buffer{};
    ssize_t got = 0;
    while ((got = recv(pair.peer.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0) {
        pair.connection.sent.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

/// Everything at once, then the end: what does not fit into the pair is cut off.
void say(const Pair& pair, const std::string& script) {
    (void)send(pair.peer.get(), script.data(), script.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)shutdown(pair.peer.get(), SHUT_WR);
}

void remember_peer(MemoryNetwork::Connection& connection, const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        connection.port = ntohs(in.sin_port);
        inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    } else {
        sockaddr_in6 in{};
        std::memcpy(&in, address, sizeof in);
        connection.port = ntohs(in.sin6_port);
        inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    }
    connection.address = text.data();
}

/// The pair whose client end is open under this number: the newest, numbers being used again.
Pair* pair_of(int fd) {
    const auto found = std::find_if(
        state->pairs.rbegin(), state->pairs.rend(),
        [fd](const Pair& pair) { return pair.client == fd && pair.connection.address.empty(); });
    return found == state->pairs.rend() ? nullptr : &*found;
}

int open_pair(int flags) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | (flags & (SOCK_CLOEXEC | SOCK_NONBLOCK)), 0,
                   ends.data()) != 0) {
        return -1;
    }
    state->pairs.push_back({ends[0], base::UniqueFd(ends[1]), {}});
    return ends[0];
}

int connect_pair(Pair& pair, const sockaddr* address) {
    if (state->used == state->scripts.size()) {
        pair.client = -1;
        errno = ECONNREFUSED;
        return -1;
    }
    remember_peer(pair.connection, address);
    say(pair, state->scripts[state->used++]);
    return 0;
}

in_addr public_address(const std::string& name) {
    std::uint32_t sum = 0;
    for (const char c : name) {
        sum = sum * 31 + static_cast<unsigned char>(c);
    }
    return {htonl(0x08000000U | (sum & 0x00ffffffU))};
}

/// As libc does, in one block, so that its own freeaddrinfo() takes it back.
addrinfo* address_info(in_addr address, std::uint16_t port) {
    void* block = std::calloc(1, sizeof(addrinfo) + sizeof(sockaddr_in));
    if (block == nullptr) {
        return nullptr;
    }
    auto* info = static_cast<addrinfo*>(block);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr = address;
    in.sin_port = htons(port);
    std::memcpy(info + 1, &in, sizeof in);
    info->ai_family = AF_INET;
    info->ai_socktype = SOCK_STREAM;
    info->ai_protocol = IPPROTO_TCP;
    info->ai_addrlen = sizeof in;
    info->ai_addr = reinterpret_cast<sockaddr*>(info + 1);
    return info;
}

}  // namespace

MemoryNetwork::MemoryNetwork(std::vector<std::string> scripts) {
    state.emplace().scripts = std::move(scripts);
}

MemoryNetwork::~MemoryNetwork() {
    state.reset();
}

std::vector<MemoryNetwork::Connection> MemoryNetwork::connections() {
    std::vector<Connection> made;
    for (Pair& pair : state->pairs) {
        read_what_was_sent(pair);
        if (!pair.connection.address.empty()) {
            made.push_back(pair.connection);
        }
    }
    return made;
}

std::string MemoryNetwork::address_of(const std::string& name) {
    std::array<char, INET_ADDRSTRLEN> text{};
    in_addr address{};
    if (inet_aton(name.c_str(), &address) == 0) {
        address = public_address(name);
    }
    inet_ntop(AF_INET, &address, text.data(), text.size());
    return text.data();
}

}  // namespace regtool::test

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
    using namespace regtool::test;
    constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
    if (state && (domain == AF_INET || domain == AF_INET6) && (type & ~kFlags) == SOCK_STREAM) {
        return open_pair(type);
    }
    return static_cast<int>(syscall(SYS_socket, domain, type, protocol));
}

int connect(int fd, const sockaddr* address, socklen_t size) {
    using namespace regtool::test;
    if (state) {
        if (Pair* pair = pair_of(fd)) {
            return connect_pair(*pair, address);
        }
    }
    return static_cast<int>(syscall(SYS_connect, fd, address, size));
}

int getaddrinfo(const char* name,
                const char* service,
                const addrinfo* /*hints*/,
                addrinfo** result) {
    using namespace regtool::test;
    if (name == nullptr) {
        return EAI_NONAME;
    }
    in_addr address{};
    if (inet_aton(name, &address) == 0) {
        address = public_address(name);
    }
    const long port = service == nullptr ? 0 : std::strtol(service, nullptr, 10);
    *result = address_info(address, static_cast<std::uint16_t>(port));
    return *result == nullptr ? EAI_MEMORY : 0;
}

}  // extern "C"
