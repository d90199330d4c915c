#pragma once

#include <string>

#include "regtool/http/message.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::registry {

/// What a request may do, as a token scope: "pull", "pull,push", "delete".
[[nodiscard]] std::string repository_scope(const model::Repository& repository,
                                           std::string_view actions);

/// GET, HEAD, PUT or DELETE of `/v2/<name>/manifests/<selector>`, with the one Accept line where it
/// reads. `base` is Endpoints::base_url.
[[nodiscard]] http::HttpRequest manifest_request(http::Method method,
                                                 const std::string& base,
                                                 const model::Repository& repository,
                                                 const std::string& selector);

[[nodiscard]] http::HttpRequest blob_request(http::Method method,
                                             const std::string& base,
                                             const model::Repository& repository,
                                             const model::Digest& digest);

/// "blob alpine@sha256:…", for messages.
[[nodiscard]] std::string what_of_blob(const model::Repository& repository,
                                       const model::Digest& digest);
/// "docker.io/library/alpine@sha256:…", for an error's facts.
[[nodiscard]] std::string name_of_blob(const model::Repository& repository,
                                       const model::Digest& digest);

}  // namespace regtool::registry
