#pragma once

#include <string>
#include <string_view>

namespace regtool::http {

/// A URL taken apart by libcurl's own parser, so that what the policy looks at is what will be
/// connected to (T-57).
class Url {
  public:
    /// Throws UsageError for what origin_of() refuses.
    [[nodiscard]] static Url parse(std::string_view text);
    /// RFC 3986 §5 against this URL; a fragment is dropped. Throws UsageError.
    [[nodiscard]] Url resolve(std::string_view reference) const;

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    [[nodiscard]] const std::string& scheme() const noexcept { return scheme_; }

    /// Lower case, IPv6 without brackets, no trailing dot.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }

    [[nodiscard]] const std::string& port() const noexcept { return port_; }

    /// "host:port", IPv6 in brackets.
    [[nodiscard]] std::string host_port() const;
    /// "scheme://host:port"
    [[nodiscard]] std::string origin() const;

  private:
    Url() = default;
    std::string text_;
    std::string scheme_;
    std::string host_;
    std::string port_;
};

}  // namespace regtool::http
