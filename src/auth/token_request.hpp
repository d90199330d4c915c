#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "auth/realm.hpp"
#include "regtool/auth/credentials.hpp"
#include "regtool/http/client.hpp"

namespace regtool::auth {

struct Token {
    base::Secret text;
    std::chrono::seconds lifetime{60};
    base::Secret refresh_token;  ///< a new identity token, when the server hands one out
};

/// What to ask a token server for.
struct TokenQuestion {
    Realm realm;
    std::string service;
    std::vector<std::string> scopes;
    std::string asked_by;  ///< URL of the answer that held the challenge
    std::string registry;  ///< for messages
    bool offline = false;  ///< also ask for an identity token (login only, ATH-09)
};

/// One token request (distribution token and OAuth2 specifications, ATH-08…ATH-12, ATH-28). GET
/// with Basic, or a POST form for an identity token; anonymous when there are no credentials or the
/// realm is not trusted with them. Throws AccessDenied when the server refuses, RegistryError for
/// nonsense.
[[nodiscard]] Token request_token(http::HttpClient& http,
                                  const TokenQuestion& question,
                                  const Credentials& credentials,
                                  const std::stop_token& stop);

/// The token in a reply. Throws RegistryError.
[[nodiscard]] Token parse_token_reply(const std::string& body, const std::string& realm_url);

/// "Basic …" for the Authorization header. Throws UsageError for a colon in the user name (BAS-02).
[[nodiscard]] base::Secret basic_authorization(const Credentials& credentials);

}  // namespace regtool::auth
