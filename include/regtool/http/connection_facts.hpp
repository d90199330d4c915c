#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/base/log.hpp"
#include "regtool/http/host_settings.hpp"
#include "regtool/http/message.hpp"

namespace regtool::http {

/// One certificate of a server's chain, in its own words.
struct CertificateFacts {
    std::string subject;
    std::string issuer;
    std::string names;                    ///< subject alternative names
    std::optional<std::int64_t> expires;  ///< seconds since the epoch
};

/// What one request shows about the way to a server.
struct ConnectionFacts {
    HttpResponse response;
    std::string proxy;                    ///< without its password; empty: direct
    std::string address;                  ///< that answered: the server's, or the proxy's
    std::vector<CertificateFacts> chain;  ///< leaf first; empty for http
    std::chrono::milliseconds connected{0};
    std::chrono::milliseconds answered{0};
};

/// Sends `request` on a connection of its own and looks at it. Throws as HttpClient::send. For
/// `doctor`.
[[nodiscard]] ConnectionFacts inspect_connection(const ClientOptions& options,
                                                 const HttpRequest& request,
                                                 base::Log& log,
                                                 const std::stop_token& stop);

/// The proxy by which a URL is reached, without its password; empty for a direct connection.
[[nodiscard]] std::string proxy_for(const ClientOptions& options,
                                    const std::string& url,
                                    base::Log& log);

/// The addresses of a name, as text. Throws TransportError.
[[nodiscard]] std::vector<std::string> resolve_name(const std::string& host);

}  // namespace regtool::http
