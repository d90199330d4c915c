#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "regtool/auth/credentials.hpp"

namespace regtool::auth {

/// A `docker-credential-<name>` program (helper protocol of docker-credential-helpers). It is run
/// without a shell, found on absolute PATH entries only, and killed after a minute. Stateless.
class CredentialHelper {
  public:
    using Environment = std::function<std::optional<std::string>(const char*)>;

    /// Throws AccessDenied for a name that is none (HLP-01).
    CredentialHelper(std::string name, Environment environment);

    /// nullopt when the helper knows nothing of `server` (HLP-04). Throws AccessDenied naming the
    /// helper for every other failure (HLP-05).
    [[nodiscard]] std::optional<Credentials> get(const std::string& server,
                                                 const std::stop_token& stop) const;
    /// Throws AccessDenied.
    void store(const std::string& server,
               const Credentials& credentials,
               const std::stop_token& stop) const;
    /// False when there was nothing to erase. Throws AccessDenied.
    bool erase(const std::string& server, const std::stop_token& stop) const;

    [[nodiscard]] const std::string& program() const noexcept { return program_; }

  private:
    std::string program_;
    Environment environment_;
};

/// What a helper answers to `get`. Throws AccessDenied for what is no such answer, and for one that
/// speaks of another server (HLP-08).
[[nodiscard]] Credentials parse_helper_answer(std::string_view text,
                                              const std::string& program,
                                              const std::string& server);

}  // namespace regtool::auth
