#pragma once

#include <string>
#include <vector>

#include "regtool/auth/credentials.hpp"

namespace regtool::auth {

/// One place to look for credentials: a file, or text that stands for one.
struct AuthSource {
    enum class MustExist { no, warn, yes };

    std::string path;  ///< for messages when `text` is given
    std::string text;
    MustExist must_exist = MustExist::no;
};

/// All places in the order in which they are asked (CAJ-01, CAJ-02, CAJ-07, CFG-08).
[[nodiscard]] std::vector<AuthSource> auth_sources(const CredentialOptions& options);

/// docker's config.json: where `login` stores unless told otherwise (CFG-01). Empty without a home.
[[nodiscard]] std::string docker_config_path(const CredentialOptions& options);

}  // namespace regtool::auth
