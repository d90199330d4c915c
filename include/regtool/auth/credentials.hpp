#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "regtool/base/log.hpp"
#include "regtool/base/secret.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::auth {

/// What is presented for one registry. At most one of the three forms is filled; none means
/// anonymous.
struct Credentials {
    std::string username;
    base::Secret password;
    base::Secret
        identity_token;  ///< OAuth2 refresh token (docker's identitytoken, helper user "<token>")
    base::Secret registry_token;  ///< sent as Bearer as it is (ATH-22)
    std::string source;  ///< for `auth get` and `doctor`: file and key or helper; never the secret

    [[nodiscard]] bool anonymous() const noexcept;
};

/// Where credentials come from, in this order (CAJ-07): explicit, --authfile or REGISTRY_AUTH_FILE,
/// DOCKER_AUTH_CONFIG, docker config.json, containers auth.json.
struct CredentialOptions {
    std::optional<Credentials>
        explicit_credentials;  ///< --creds; for every registry of the command
    /// The registries for which they are meant; empty: all. Elsewhere the files are looked at.
    std::function<bool(const model::RegistryHost& registry)> explicit_for;
    std::string authfile;  ///< --authfile
    std::function<std::optional<std::string>(const char*)>
        environment;  ///< getenv, replaceable in tests
};

/// Finds and keeps credentials. Thread-safe; a helper is asked once for each host (HLP-12).
class CredentialStore {
  public:
    CredentialStore() = default;
    virtual ~CredentialStore() = default;
    CredentialStore(const CredentialStore&) = delete;
    CredentialStore& operator=(const CredentialStore&) = delete;
    CredentialStore(CredentialStore&&) = delete;
    CredentialStore& operator=(CredentialStore&&) = delete;

    /// Anonymous when there are none. Throws AccessDenied for a helper that failed (HLP-05),
    /// UsageError for a malformed file (CFG-01).
    [[nodiscard]] virtual Credentials get(const model::Repository& repository,
                                          std::stop_token stop) = 0;
    /// For commands that know only the host.
    [[nodiscard]] virtual Credentials get(const model::RegistryHost& registry,
                                          std::stop_token stop) = 0;
};

[[nodiscard]] std::unique_ptr<CredentialStore> make_credential_store(CredentialOptions options,
                                                                     base::Log& log);

/// The files (and variables) that are looked into, in their order.
[[nodiscard]] std::vector<std::string> credential_places(const CredentialOptions& options);

/// `USER[:PASS]`; throws UsageError without a user name.
[[nodiscard]] Credentials parse_user_password(std::string_view text);

}  // namespace regtool::auth
