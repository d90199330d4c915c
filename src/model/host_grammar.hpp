#pragma once

#include <string>
#include <string_view>

namespace regtool::model {

/// Checks `HOST[:PORT]` and brings an IPv6 address to RFC 5952 form (REF-11, REF-16, REF-22,
/// REF-23). Throws UsageError that names `whole`, the text the user typed.
[[nodiscard]] std::string checked_host(std::string_view host_port, std::string_view whole);

/// Splits at the colon before the port; brackets stay on the host.
struct HostParts {
    std::string_view host;
    std::string_view port;
};

[[nodiscard]] HostParts split_host(std::string_view host_port) noexcept;

/// A dotted quad in plain decimal, nothing else (INS-05).
[[nodiscard]] bool is_dotted_quad(std::string_view host) noexcept;

}  // namespace regtool::model
