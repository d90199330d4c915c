#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace regtool::http {

/// TLS and proxy identity for one host:port. Never applied to another host: not to redirects, token
/// servers or mirrors (TLS-07).
struct HostSettings {
    bool insecure_tls = false;
    std::string ca_file;           ///< replaces the system's roots for this host (--cacert)
    std::string ca_pem;            ///< trusted besides the system's roots (certs.d)
    std::string client_cert_file;  ///< PEM
    std::string client_key_file;
};

/// Called with "host:port" in lower case, default port filled in. Thread-safe.
using HostSettingsLookup = std::function<HostSettings(std::string_view host_port)>;

/// Settings of the whole client.
struct ClientOptions {
    std::chrono::milliseconds connect_timeout{15'000};
    std::chrono::milliseconds stall_timeout{60'000};
    std::uint64_t limit_rate_bytes_per_second = 0;  ///< 0: unlimited
    std::string user_agent;
    std::string
        proxy;  ///< explicit; empty: environment with NO_PROXY, loopback never proxied (PXY-03)
    bool http1_only = false;
    std::size_t window = 100;  ///< requests in flight of send_many
    HostSettingsLookup host_settings;
    /// Hosts ("host" or "host:port") on private addresses that redirects and realms may lead to
    /// (T-08).
    std::function<bool(std::string_view host)> allow_private;
    /// Told each request as a curl command, secrets as variables; empty: nobody wants to know.
    /// Thread-safe.
    std::function<void(std::string_view line)> show_curl_line;
};

}  // namespace regtool::http
