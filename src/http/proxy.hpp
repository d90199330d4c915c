#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "http/url.hpp"

namespace regtool::http {

using Environment = std::function<std::optional<std::string>(const char*)>;

/// The proxy for a URL: `explicit_proxy` when given, else from https_proxy, http_proxy (lower case
/// only) and all_proxy; empty for a direct connection, as no_proxy may ask for (PXY-02). Loopback
/// hosts are never proxied by the environment (PXY-01, PXY-03). Decided here, not by libcurl: the
/// rules for addresses depend on it (PXY-06). Throws UsageError for what is no address of a proxy.
[[nodiscard]] std::string choose_proxy(const Url& url,
                                       const std::string& explicit_proxy,
                                       const Environment& environment);

/// scheme://host:port of a proxy, without its user and password: for messages.
[[nodiscard]] std::string shown_proxy(std::string_view proxy);

}  // namespace regtool::http
