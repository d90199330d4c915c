#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "regtool/base/log.hpp"

namespace regtool::serve {

/// The root that means "in memory, gone at the end".
inline constexpr const char* kMemoryRoot = ":memory:";

struct ServerOptions {
    std::string root = kMemoryRoot;         ///< an OCI image layout, made when it is not there
    std::string repository;                 ///< of plain tags; empty: named as the folder
    std::string listen = "127.0.0.1:5000";  ///< port 0: the system chooses
    bool read_only = false;                 ///< nothing in `root` is written
    std::string htpasswd;                   ///< file of users; empty: everybody may do everything
    std::string tls_cert;                   ///< PEM files; both empty: plain http
    std::string tls_key;
    std::uint64_t max_blob_bytes = std::uint64_t{64} << 30;
    std::uint64_t memory_limit_bytes = std::uint64_t{2} << 30;  ///< of all blobs in memory
};

/// A registry (distribution-spec 1.1) over an OCI image layout. Requests are served on threads of
/// its own from construction on; the destructor stops it as stop() does.
class Server {
  public:
    /// Throws UsageError, IoError. Borrows the log. Make it after signals were blocked: its threads
    /// inherit that.
    Server(ServerOptions options, base::Log& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    Server(Server&&) = delete;
    Server& operator=(Server&&) = delete;

    /// "127.0.0.1:41234": what references to it begin with.
    [[nodiscard]] std::string address() const;
    /// "http://127.0.0.1:41234"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Blocks until `stop` is asked for, then stops.
    void run(const std::stop_token& stop);
    /// Takes no more connections, gives running requests most of a second to end, drops the rest:
    /// what they were writing is not there. May be called again.
    void stop() noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace regtool::serve
