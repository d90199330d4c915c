#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regtool/http/client.hpp"
#include "regtool/model/digest.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

/// The session that an answer names in its Location (UPL-03). Throws RegistryError for one that is
/// missing, malformed, or leads from https to http (UPL-20).
[[nodiscard]] UploadSession session_of(const http::HttpResponse& response, std::string_view what);

/// A request to a session: with the repository's scopes where the session is on the registry's own
/// origin, without any credential elsewhere (T-10).
[[nodiscard]] http::HttpRequest session_request(http::Method method,
                                                const UploadSession& session,
                                                const std::string& base,
                                                const model::Repository& repository);

/// Whether the session is on another origin than the registry.
[[nodiscard]] bool is_foreign(const UploadSession& session, const std::string& base);

/// The URL that closes a session: the digest is added, every other byte stays (UPL-04).
[[nodiscard]] std::string closing_url(const std::string& location, const model::Digest& digest);

/// DELETEs a session: best effort, answered or not within a second (UPL-18).
void cancel_session(http::HttpClient& http,
                    const UploadSession& session,
                    const std::string& base,
                    const model::Repository& repository) noexcept;

/// How many bytes a registry says it has: "0-99" or "bytes=0-99" is 100 (UPL-09). nullopt for
/// anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_upload_range(std::string_view value) noexcept;

}  // namespace regtool::registry
