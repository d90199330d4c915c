#pragma once

#include <string_view>

namespace regtool::http {

/// Whether a no_proxy list says that `host` (lower case, IPv6 without brackets) is reached directly
/// (PXY-02, by the rules of curl): names match themselves and all names below, a leading dot means
/// the same; addresses match themselves or as CIDR blocks; `*` alone matches everything. Entries
/// are separated by commas or blanks.
[[nodiscard]] bool is_excepted(std::string_view host, std::string_view no_proxy);

}  // namespace regtool::http
