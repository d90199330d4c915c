#include "auth/realm.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/public_suffix.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/message.hpp"

namespace regtool::auth {

namespace {

/// Registries whose token server is known to live under another name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kKnownPairs = {{
    {"registry-1.docker.io", "auth.docker.io"},
}};

[[noreturn]] void refuse(std::string_view realm, const std::string& why) {
    throw base::RegistryError("the registry names an unusable token server " +
                              base::redacted_url(realm) + ": " + why);
}

std::string_view scheme_of(std::string_view origin) {
    return origin.substr(0, origin.find(':'));
}

std::string host_of(std::string_view origin) {
    const std::size_t start = origin.find("://") + 3;
    std::string_view host = origin.substr(start, origin.rfind(':') - start);
    if (host.size() > 2 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    return std::string(host);
}

bool same_site(const std::string& a, const std::string& b) {
    const std::string domain = registrable_domain(a);
    return !domain.empty() && domain == registrable_domain(b);
}

/// Whether the host vouches for itself, or the user does.
bool may_be_told(const std::string& origin, const AuthOptions& rules) {
    if (!rules.allow_credentials || scheme_of(origin) == "http") {
        return true;
    }
    try {
        return rules.allow_credentials(
            model::RegistryHost::parse(origin.substr(origin.find("://") + 3)));
    } catch (const base::UsageError&) {  // a name that no user can have given a rule for
        return true;
    }
}

}  // namespace

Realm judge_realm(std::string_view realm,
                  std::string_view registry_url,
                  const model::RegistryHost& registry,
                  const AuthOptions& rules) {
    if (realm.find('#') != std::string_view::npos) {
        refuse(realm, "it has a fragment");
    }
    Realm result;
    std::string origin;
    try {
        result.url = http::resolve_url(registry_url, realm);
        origin = http::origin_of(result.url);
    } catch (const base::UsageError& error) {
        refuse(realm, error.message());
    }
    const std::string registry_origin = http::origin_of(registry_url);
    if (scheme_of(origin) == "http" && scheme_of(registry_origin) != "http") {
        refuse(realm, "it is plain http while the registry is https");
    }
    const std::string host = host_of(origin);
    const std::string registry_host = host_of(registry_origin);
    const bool known = std::any_of(kKnownPairs.begin(), kKnownPairs.end(), [&](const auto& pair) {
        return registry_host == pair.first && host == pair.second;
    });
    result.trusted = (host == registry_host || known ||
                      (rules.allow_realm && rules.allow_realm(registry, host)) ||
                      same_site(registry_host, host)) &&
                     may_be_told(origin, rules);
    return result;
}

}  // namespace regtool::auth
