#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/auth/credentials.hpp"

namespace regtool::auth {

/// docker's config.json, containers' auth.json or the older .dockercfg, read. Values only.
struct AuthFile {
    /// One entry of `auths`. Broken text is told only to who asks for that very host (CFG-03).
    struct Entry {
        Credentials credentials;
        bool empty = false;   ///< `{}`: a helper holds the secret (CFG-06)
        std::string problem;  ///< why the entry cannot be used
    };

    std::string path;
    std::map<std::string, Entry> auths;
    std::string creds_store;
    std::map<std::string, std::string> cred_helpers;
};

/// Throws UsageError naming `path` and the offset, never the contents (CFG-01, CFG-16).
[[nodiscard]] AuthFile parse_auth_file(std::string_view json, const std::string& path);

/// The entry of a repository: the longest key that is the repository or one of its parents by whole
/// path segments, then the host under any of its spellings (CFG-02, CAJ-04, CAJ-06). `path` is
/// empty when only the host is known.
[[nodiscard]] const AuthFile::Entry* find_entry(const AuthFile& file,
                                                const model::RegistryHost& host,
                                                std::string_view path);

/// The helper to ask for a host, if one is configured: nullopt means the file's own entries
/// (CFG-07).
[[nodiscard]] std::optional<std::string> helper_for(const AuthFile& file,
                                                    const model::RegistryHost& host);

/// What a helper is asked for, and the key under which `login` stores: `host[:port]`, for Docker
/// Hub its v1 URL (HLP-07).
[[nodiscard]] std::string credential_key(const model::RegistryHost& host);

}  // namespace regtool::auth
