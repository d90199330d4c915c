#pragma once

#include <string>
#include <string_view>

namespace regtool::auth {

/// "example.co.uk" of "reg.example.co.uk", by the public suffix list; empty for addresses, single
/// labels, public suffixes themselves and where libpsl is not installed. libpsl is loaded on first
/// use: most runs never ask.
[[nodiscard]] std::string registrable_domain(std::string_view host);

}  // namespace regtool::auth
