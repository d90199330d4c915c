#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regtool/base/secret.hpp"

namespace regtool::http {

enum class Method { get, head, post, put, patch, del };

[[nodiscard]] std::string_view to_string(Method method) noexcept;

/// Header lines in the order received; names compare without letter case; repeated names are all
/// kept.
class Headers {
  public:
    void add(std::string name, std::string value);
    /// Replaces all lines of that name.
    void set(std::string name, std::string value);
    void remove(std::string_view name);
    /// The first value, trimmed; nullopt when absent.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& lines() const noexcept {
        return lines_;
    }

  private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

/// Limits on bodies that are held in memory.
inline constexpr std::size_t kMaxErrorBodyBytes = std::size_t{1} << 20;
inline constexpr std::size_t kDefaultMaxBodyBytes = std::size_t{4} << 20;
inline constexpr int kMaxRedirects = 10;

/// One request. Values only; copyable, so that it can be repeated.
struct HttpRequest {
    Method method = Method::get;
    std::string url;
    Headers headers;   ///< never Authorization: use `authorization`
    std::string body;  ///< for small bodies; large ones go through upload()
    std::size_t max_body_bytes =
        kDefaultMaxBodyBytes;  ///< more than this in a 2xx answer throws RegistryError
    /// Sent as Authorization to the origin of `url` only, never across a redirect to another
    /// origin.
    std::optional<base::Secret> authorization;
    /// What the auth floor asks tokens for, e.g. "repository:library/alpine:pull". Empty for
    /// requests that must not be authenticated (token servers); one empty text for those that need
    /// a login but no scope (`/v2/`).
    std::vector<std::string> scopes;
    /// Redirects are followed for GET and HEAD only, and only when set (token requests do not,
    /// ATH-21).
    bool follow_redirects = true;
    /// The URL whose answer named `url` (a token realm, an upload's Location); empty when the user
    /// did. A stranger's URL may lead to a private address only if its namer is on one too (T-08).
    std::string named_by;
    /// For send(): whoever sends it finds out what became of it before it is sent again (PUT-11).
    /// The client itself repeats it only where it has certainly not been carried out.
    bool ask_before_repeat = false;
    /// Set by the client itself when it follows a redirect.
    bool redirected = false;
};

struct HttpResponse {
    int status = 0;
    Headers headers;
    std::string body;             ///< empty for HEAD and for streamed bodies
    std::string url;              ///< the URL that answered, after redirects
    std::string http_version;     ///< "1.1", "2"
    bool crossed_origin = false;  ///< a redirect led to another scheme, host or port
    /// Set by the auth floor on a 401: the source of the credentials that were shown and refused.
    std::string refused_credentials;

    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// scheme://host:port with the default port filled in, host lower-cased, trailing dot removed: what
/// two URLs must share before a credential of one is sent to the other (RDR-02). Throws UsageError
/// for a URL that is not http(s), has user info, control bytes, a backslash or a non-ASCII host.
[[nodiscard]] std::string origin_of(std::string_view url);
/// A reference found in an answer of `base`, made absolute (RFC 3986 §5); a fragment is dropped.
/// Throws UsageError as origin_of().
[[nodiscard]] std::string resolve_url(std::string_view base, std::string_view reference);

}  // namespace regtool::http
