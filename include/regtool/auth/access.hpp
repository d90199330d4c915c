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
    int status = 0;      ///< of the request without credentials
    std::string scheme;  ///< "basic", "bearer", or empty when nothing was asked for
    std::string realm;   ///< token server
    /// Our credentials were kept from the token server or the registry, by the rules of
    /// AuthOptions.
    bool withheld = false;
    std::string service;
    std::vector<std::string> scopes;    ///< asked of the token server
    std::optional<base::Secret> token;  ///< what it gave, or the registry token of a file
    std::chrono::seconds token_lifetime{0};
    /// What the token says that it allows; nullopt for one that cannot be read.
    std::optional<std::vector<std::string>> granted;
    base::Secret refresh_token;  ///< an identity token, where `offline` asked for one
};

/// What access is wanted to.
struct AccessQuestion {
    std::string url;
    model::RegistryHost registry;
    std::vector<std::string> scopes;
    Credentials credentials;
    bool offline = false;  ///< a login: an identity token is welcome (ATH-09)
};

/// Asks `url` without credentials, reads the challenge, and asks the token server if there is one.
/// `http` must not authenticate by itself. Throws what a token request throws.
[[nodiscard]] AccessReport find_access(http::HttpClient& http,
                                       AccessQuestion question,
                                       const AuthOptions& rules,
                                       const std::stop_token& stop);

}  // namespace regtool::auth
