#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/url.hpp"

namespace regtool::http {

using Environment = std::function<std::optional<std::string>(const char*)>;

/// The proxy for a URL: `explicit_proxy` when given, else from https_proxy, http_proxy (lower case
/// only) and all_proxy; empty for a direct connection. Loopback hosts are never proxied by the
/// environment (PXY-01, PXY-03); no_proxy is libcurl's to apply.
[[nodiscard]] std::string choose_proxy(const Url& url,
                                       const std::string& explicit_proxy,
                                       const Environment& environment);

}  // namespace regtool::http
