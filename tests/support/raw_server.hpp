#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "regtool/base/fd.hpp"

namespace regtool::test {

/// A socket server on 127.0.0.1 that answers each request with the very bytes that a test chooses:
/// also wrong ones. One connection at a time is served on a thread of the server's own.
class RawServer {
  public:
    struct Reply {
        std::string bytes;
        bool close = true;   ///< hang up after the bytes
        int pause_ms = 0;    ///< before the bytes; cut short when the server ends
        bool reset = false;  ///< end with a reset instead of an orderly close
        int drip_ms = 0;     ///< one byte at a time, so long apart; cut short when the server ends
    };

    /// Gets the request's head and body as they came.
    using Handler = std::function<Reply(const std::string& request)>;

    explicit RawServer(Handler handler);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    RawServer(RawServer&&) = delete;
    RawServer& operator=(RawServer&&) = delete;

    [[nodiscard]] int port() const noexcept { return port_; }

    /// "http://127.0.0.1:PORT"
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] std::vector<std::string> requests() const;

  private:
    void accept_all(const std::stop_token& stop);
    void serve(const base::UniqueFd& connection, const std::stop_token& stop);

    Handler handler_;
    base::UniqueFd listener_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<std::jthread> connections_;
    std::jthread acceptor_;
};

/// "HTTP/1.1 200 OK" with the headers given, Content-Length and body.
[[nodiscard]] std::string http_reply(int status,
                                     const std::vector<std::string>& header_lines,
                                     const std::string& body);

}  // namespace regtool::test
