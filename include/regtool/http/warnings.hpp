#pragma once

#include <memory>
#include <string>
#include <vector>

#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"

namespace regtool::http {

/// What a registry wants its users to read: the texts of its `Warning: 299 - "…"` lines, unescaped
/// (WRN-03). Other codes, agents and dated ones are for caches (WRN-02). More than 4096 bytes in
/// all are dropped (WRN-04). Source: OCI distribution specification 1.1, "Warnings".
[[nodiscard]] std::vector<std::string> warnings_of(const Headers& headers);

/// Shows each text once, as a warning of the host that sent it; changes nothing else. Thread-safe.
/// Borrows `inner` and `log`.
[[nodiscard]] std::unique_ptr<HttpClient> make_warning_client(HttpClient& inner, base::Log& log);

}  // namespace regtool::http
