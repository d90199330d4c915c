#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "regtool/auth/authenticating_client.hpp"

namespace regtool::auth {

/// How one registry grants access to one repository, found out step by step: for `auth token` and
/// `doctor`.
struct AccessReport {
    int status = 0;              ///< of the request without credentials
    std::string scheme;          ///< "basic", "bearer", or empty when nothing was asked for
    std::string realm;           ///< token server
    bool realm_trusted = false;  ///< it may see our credentials
    std::string service;
    std::vector<std::string> scopes;    ///< asked of the token server
    std::optional<base::Secret> token;  ///< what it gave
    std::chrono::seconds token_lifetime{0};
};

/// Asks `url` without credentials, reads the challenge, and asks the token server if there is one.
/// `http` must not authenticate by itself. Throws what a token request throws.
[[nodiscard]] AccessReport find_access(http::HttpClient& http,
                                       const std::string& url,
                                       const std::string& registry,
                                       std::vector<std::string> scopes,
                                       const Credentials& credentials,
                                       const std::stop_token& stop);

}  // namespace regtool::auth
