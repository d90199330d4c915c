#pragma once

#include <stop_token>
#include <string>

#include "regtool/auth/credentials.hpp"

namespace regtool::auth {

/// Where a login was stored or removed: for the message to the user.
struct StoredPlace {
    std::string name;     ///< file path or helper program
    bool helper = false;  ///< false: base64 in a file, which is no encryption
    bool changed = true;  ///< false: there was nothing to remove
};

/// Keeps credentials for a registry where docker would: in the helper that its configuration names
/// for the host, else in the file (--authfile, REGISTRY_AUTH_FILE or docker's config.json), written
/// atomically with mode 0600 and unknown members kept (CFG-11, CFG-12, CFG-15). Throws AccessDenied
/// for a helper that fails, UsageError for a malformed file, IoError.
[[nodiscard]] StoredPlace store_credentials(const CredentialOptions& options,
                                            const model::RegistryHost& registry,
                                            const Credentials& credentials,
                                            const std::stop_token& stop);

/// Removes them from helper and file. The same errors.
[[nodiscard]] StoredPlace erase_credentials(const CredentialOptions& options,
                                            const model::RegistryHost& registry,
                                            const std::stop_token& stop);

}  // namespace regtool::auth
