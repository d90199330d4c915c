#include "support/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <stdexcept>

namespace regtool::test {

namespace {

constexpr int kPollMs = 20;

/// The whole request once its head and declared body are there.
bool is_complete(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) {
        return false;
    }
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t length = request.find(kLength);
    if (length != std::string::npos && length < head) {
        return request.size() >= head + 4 + std::stoul(request.substr(length + kLength.size()));
    }
    const bool chunked = request.find("Transfer-Encoding: chunked") != std::string::npos;
    return !chunked || request.ends_with("0\r\n\r\n");
}

void pause(int milliseconds, const std::stop_token& stop) {
    for (int waited = 0; waited < milliseconds && !stop.stop_requested(); waited += kPollMs) {
        std::this_thread::sleep_for(
            std::chrono::milliseconds(std::min(kPollMs, milliseconds - waited)));
    }
}

/// False when the client has gone, or the server ends.
bool send_all(const base::UniqueFd& connection,
              const RawServer::Reply& reply,
              const std::stop_token& stop) {
    for (std::size_t sent = 0; sent < reply.bytes.size();) {
        const std::size_t piece = reply.drip_ms > 0 ? 1 : reply.bytes.size() - sent;
        const ssize_t n = send(connection.get(), reply.bytes.data() + sent, piece, MSG_NOSIGNAL);
        if (n <= 0 || stop.stop_requested()) {
            return false;
        }
        sent += static_cast<std::size_t>(n);
        pause(reply.drip_ms, stop);
    }
    return true;
}

}  // namespace

RawServer::RawServer(Handler handler)
    : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::array<char, sizeof(sockaddr_in)> raw{};
    std::memcpy(raw.data(), &address, sizeof address);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(raw.data());
    if (bind(listener_.get(), generic, size) != 0 || listen(listener_.get(), 64) != 0 ||
        getsockname(listener_.get(), generic, &size) != 0) {
        throw std::runtime_error("no port to listen on");
    }
    std::memcpy(&address, raw.data(), sizeof address);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

RawServer::~RawServer() {
    acceptor_.request_stop();
    acceptor_.join();
    for (std::jthread& connection : connections_) {
        connection.request_stop();
    }
}

void RawServer::accept_all(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd poller{listener_.get(), POLLIN, 0};
        if (poll(&poller, 1, kPollMs) <= 0) {
            continue;
        }
        const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd >= 0) {
            connections_.emplace_back([this, fd](const std::stop_token& connection_stop) {
                serve(base::UniqueFd(fd), connection_stop);
            });
        }
    }
}

void RawServer::serve(const base::UniqueFd& connection, const std::stop_token& stop) {
    std::string request;
    while (!stop.stop_requested()) {
        pollfd poller{connection.get(), POLLIN, 0};
        if (poll(&poller, 1, kPollMs) <= 0) {
            continue;
        }
        std::array<char, 65536> buffer{};
        const ssize_t got = recv(connection.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return;
        }
        request.append(buffer.data(), static_cast<std::size_t>(got));
        if (!is_complete(request)) {
            continue;
        }
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
        }
        const Reply reply = handler_(std::exchange(request, {}));
        pause(reply.pause_ms, stop);
        if (!send_all(connection, reply, stop)) {
            return;
        }
        if (reply.reset) {
            const linger now{1, 0};
            (void)setsockopt(connection.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
            return;
        }
        if (reply.close) {
            return;
        }
    }
}

std::vector<std::string> RawServer::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

std::string http_reply(int status,
                       const std::vector<std::string>& header_lines,
                       const std::string& body) {
    std::string reply = "HTTP/1.1 " + std::to_string(status) + " X\r\n";
    for (const std::string& line : header_lines) {
        reply += line + "\r\n";
    }
    return reply + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace regtool::test
