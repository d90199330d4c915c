#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"
#include "regtool/http/host_settings.hpp"

namespace regtool::http {

/// The client that talks to the network: libcurl in two lanes. `send` and the body lane run one
/// easy handle from a pool on the calling thread; `send_many` drives a multi handle on the calling
/// thread, so there is no engine thread, no queue between threads and nothing to wake. Redirects
/// are its own (credentials, custom headers and client certificates stay with their origin). `log`
/// must outlive it.
[[nodiscard]] std::unique_ptr<HttpClient> make_curl_client(ClientOptions options, base::Log& log);

enum class Scheme { http, https };

/// Which scheme a loopback port speaks: sends one TLS hello and looks at the first byte of the
/// answer (INS-01). A refused connection throws TransportError; no answer within two seconds means
/// https.
[[nodiscard]] Scheme probe_scheme(std::string_view host,
                                  std::string_view port,
                                  std::stop_token stop);

/// "libcurl/7.88.1 OpenSSL/3.0.17 nghttp2/1.52.0" for `version`.
[[nodiscard]] std::string transport_versions();

}  // namespace regtool::http
