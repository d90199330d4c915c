#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "regtool/auth/credentials.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"

namespace regtool::auth {

/// Whose credentials a request's origin may see. `registry_of` maps an origin ("https://host:port")
/// to the registry that the user named; nullopt for origins that are no registry (nothing is sent
/// there).
struct AuthOptions {
    std::function<std::optional<model::RegistryHost>(std::string_view origin)> registry_of;
    /// Realm hosts that the user allows besides the built-in rule (ATH-07).
    std::function<bool(const model::RegistryHost& registry, std::string_view realm_host)>
        allow_realm;
    /// Whether credentials may be sent to this registry at all, its certificate not being verified
    /// (TLS-09); empty: yes.
    std::function<bool(const model::RegistryHost& registry)> allow_credentials;
};

/// HttpClient decorator: answers 401 with Basic or a Bearer token, once a request; keeps tokens by
/// origin, service, identity and scopes; one token request for many waiting threads (ATH-18); asks
/// ahead once a challenge of the host is known (ATH-26). Credentials go to a token realm only by
/// the rule of ATH-07. A 401 or 403 that remains is returned as the answer; the registry floor
/// words the error. All references must outlive it.
[[nodiscard]] std::unique_ptr<http::HttpClient> make_authenticating_client(
    http::HttpClient& inner,
    CredentialStore& credentials,
    AuthOptions options,
    base::Clock& clock,
    base::Log& log);

}  // namespace regtool::auth
