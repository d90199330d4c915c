#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::auth {

/// One challenge of a WWW-Authenticate header (RFC 9110 §11.6.1). Scheme and parameter names are
/// lower-cased.
struct Challenge {
    std::string scheme;
    std::map<std::string, std::string> parameters;
    std::string token68;
};

/// All challenges of one header line; malformed ones (ATH-05) are left out. Linear time, never
/// throws.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

/// Scopes merged per resource, actions in the order pull, push, delete, first resource first
/// (ATH-15, ATH-16). Empty texts are left out.
[[nodiscard]] std::vector<std::string> merge_scopes(const std::vector<std::string>& scopes);
/// Whether a token for `granted` may be used where `wanted` is needed (ATH-17).
[[nodiscard]] bool covers(const std::vector<std::string>& granted,
                          const std::vector<std::string>& wanted);

}  // namespace regtool::auth
