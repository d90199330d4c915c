#pragma once

#include <string>
#include <string_view>

#include "regtool/auth/authenticating_client.hpp"

namespace regtool::auth {

/// A token server as named by a challenge, and whether our credentials may be shown to it.
struct Realm {
    std::string url;
    bool trusted = false;
};

/// Resolves and judges a realm (ATH-06, ATH-07, T-06). Relative realms resolve against
/// `registry_url`. A host whose certificate nobody verifies is trusted with no credentials, unless
/// the user says so (TLS-09). Throws RegistryError for a realm that must not be contacted at all:
/// user info, fragment, other schemes, http for a registry that is spoken to over https.
[[nodiscard]] Realm judge_realm(std::string_view realm,
                                std::string_view registry_url,
                                const model::RegistryHost& registry,
                                const AuthOptions& rules);

}  // namespace regtool::auth
