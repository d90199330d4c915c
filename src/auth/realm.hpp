#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace regtool::auth {

/// A token server as named by a challenge, and whether our credentials may be shown to it.
struct Realm {
    std::string url;
    bool trusted = false;
};

/// Resolves and judges a realm (ATH-06, ATH-07, T-06). Relative realms resolve against
/// `registry_url`. Throws RegistryError for a realm that must not be contacted at all: user info,
/// fragment, other schemes, http for a registry that is spoken to over https.
[[nodiscard]] Realm judge_realm(std::string_view realm,
                                std::string_view registry_url,
                                const std::function<bool(std::string_view host)>& allow);

}  // namespace regtool::auth
