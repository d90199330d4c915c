#include "auth/token_claims.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

using Json = nlohmann::ordered_json;

/// RFC 7515 §2: base64 with two other letters and no padding.
std::optional<std::string> base64url_decode(std::string_view text) {
    std::string standard(text);
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    return base::base64_decode(standard);
}

/// Empty when no action is allowed: token servers refuse so.
std::string scope_of(const Json& access) {
    const auto text = [&](const char* name) {
        const auto found = access.find(name);
        return found != access.end() && found->is_string() ? found->get<std::string>() : "";
    };
    const auto found = access.find("actions");
    std::string actions;
    if (found != access.end() && found->is_array()) {
        for (const Json& action : *found) {
            if (action.is_string()) {
                actions += (actions.empty() ? "" : ",") + action.get<std::string>();
            }
        }
    }
    return actions.empty() ? "" : text("type") + ":" + text("name") + ":" + actions;
}

}  // namespace

std::optional<std::vector<std::string>> granted_scopes(std::string_view token) {
    const std::vector<std::string_view> parts = base::split(token, '.');
    const auto payload = parts.size() == 3 ? base64url_decode(parts[1]) : std::nullopt;
    if (!payload) {
        return std::nullopt;
    }
    Json claims;
    try {
        claims = base::parse_json(*payload, "token");
    } catch (const base::Error&) {  // no JWT after all
        return std::nullopt;
    }
    const auto access = claims.is_object() ? claims.find("access") : claims.end();
    if (access == claims.end() || !access->is_array()) {
        return std::nullopt;
    }
    std::vector<std::string> scopes;
    for (const Json& one : *access) {
        std::string scope = one.is_object() ? scope_of(one) : "";
        if (!scope.empty()) {
            scopes.push_back(std::move(scope));
        }
    }
    return scopes;
}

}  // namespace regtool::auth
