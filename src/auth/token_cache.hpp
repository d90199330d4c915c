#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/token_request.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/guarded.hpp"

namespace regtool::auth {

/// Tokens of this run, by registry origin, service, identity and scopes (ATH-17). Lifetimes are
/// counted on the monotonic clock from receipt (ATH-27). Thread-safe.
class TokenCache {
  public:
    explicit TokenCache(base::Clock& clock) : clock_(clock) {}

    struct Key {
        std::string origin;
        std::string identity;
        std::vector<std::string> scopes;
    };

    /// A live token that covers the scopes.
    [[nodiscard]] std::optional<base::Secret> find(const Key& key) const;
    void put(const Key& key, const Token& token);
    /// The server no longer takes this token.
    void drop(const base::Secret& token);

  private:
    struct Entry {
        Key key;
        base::Secret token;
        std::chrono::steady_clock::time_point until;
    };

    base::Clock& clock_;
    base::Guarded<std::vector<Entry>> entries_;
};

}  // namespace regtool::auth
