#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::auth {

/// The scopes that a token of the distribution specification (a JWT with an `access` claim) says it
/// was given; nullopt for a token that cannot be read. Nothing is verified: the text is for people.
[[nodiscard]] std::optional<std::vector<std::string>> granted_scopes(std::string_view token);

}  // namespace regtool::auth
