#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/http/curl_client.hpp"

namespace regtool::http {

namespace {

using base::TransportError;
using base::TransportPhase;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{2};
constexpr int kPollMs = 50;  ///< how late a stop may be noticed
constexpr unsigned char kAlert = 0x15;
constexpr unsigned char kHandshake = 0x16;

/// A minimal TLS 1.2 hello (RFC 5246 §7.4.1.2). Its random part ends in an empty line, so that a
/// server of plain HTTP sees a finished, broken request and answers at once instead of waiting for
/// more.
constexpr std::array<unsigned char, 76> kHello = {
    0x16, 0x03, 0x01, 0x00, 0x47,                                // record: handshake, 71 bytes
    0x01, 0x00, 0x00, 0x43, 0x03, 0x03,                          // client hello, 67 bytes, TLS 1.2
    'r',  'e',  'g',  't',  'o',  'o',  'l',  ' ',               // random, 32 bytes
    'a',  's',  'k',  's',  ' ',  'f',  'o',  'r',               //
    ' ',  't',  'h',  'e',  ' ',  's',  'c',  'h',               //
    'e',  'm',  'e',  '.',  '\r', '\n', '\r', '\n',              //
    0x00,                                                        // no session
    0x00, 0x04, 0xc0, 0x2f, 0xc0, 0x30,                          // two suites
    0x01, 0x00,                                                  // no compression
    0x00, 0x16,                                                  // extensions, 22 bytes
    0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x1d,  // groups: P-256, X25519
    0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x01, 0x04, 0x03, 0x08, 0x04,  // signatures
};

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

/// Waits until the socket is ready for `events`; false when the time is over.
bool wait_for(int fd, short events, Clock::time_point until, const std::stop_token& stop) {
    while (Clock::now() < until) {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        pollfd poller{.fd = fd, .events = events, .revents = 0};
        if (poll(&poller, 1, kPollMs) > 0) {
            return true;
        }
    }
    return false;
}

/// 0 when connected, else an errno value.
int connect_to(const addrinfo& address,
               base::UniqueFd& out,
               Clock::time_point until,
               const std::stop_token& stop) {
    base::UniqueFd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd.valid()) {
        return errno;
    }
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) {
            return errno;
        }
        if (!wait_for(fd.get(), POLLOUT, until, stop)) {
            return ETIMEDOUT;
        }
        int error = 0;
        socklen_t size = sizeof error;
        if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            return error == 0 ? errno : error;
        }
    }
    out = std::move(fd);
    return 0;
}

base::UniqueFd connect_first(const std::string& host,
                             const std::string& port,
                             Clock::time_point until,
                             const std::stop_token& stop) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &raw) != 0) {
        throw TransportError(TransportPhase::resolve, false,
                             "cannot resolve " + host + ": no such host");
    }
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(raw);
    int error = 0;
    for (const addrinfo* address = addresses.get(); address != nullptr;
         address = address->ai_next) {
        base::UniqueFd fd;
        error = connect_to(*address, fd, until, stop);
        if (error == 0) {
            return fd;
        }
    }
    TransportError failure(TransportPhase::connect, false,
                           "cannot connect to " + host + ":" + port + ": " +
                               (error == ECONNREFUSED ? std::string("connection refused")
                                                      : std::string(std::strerror(error))));
    failure.add_context("no registry seems to be listening there");
    throw failure;
}

}  // namespace

Scheme probe_scheme(std::string_view host, std::string_view port, std::stop_token stop) {
    const auto until = Clock::now() + kPatience;
    const base::UniqueFd fd = connect_first(std::string(host), std::string(port), until, stop);
    if (send(fd.get(), kHello.data(), kHello.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(kHello.size())) {
        return Scheme::https;
    }
    unsigned char first = kHandshake;
    if (!wait_for(fd.get(), POLLIN, until, stop) || recv(fd.get(), &first, 1, 0) != 1) {
        return Scheme::https;
    }
    // Only an answer that is no TLS record is a reason to speak in the clear (INS-01, INS-03).
    return first == kAlert || first == kHandshake ? Scheme::https : Scheme::http;
}

}  // namespace regtool::http
