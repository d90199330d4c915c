#pragma once

#include <string_view>

#include "regtool/http/message.hpp"

namespace regtool::http {

/// Whether this may be a header's name (RFC 9110 §5.1): no blank in front, as folded lines have.
[[nodiscard]] bool is_header_name(std::string_view name) noexcept;

/// Refuses an answer whose headers contradict each other or hide its bytes: two values where one
/// is allowed, a length that is no number, an encoding that was not asked for (T-25, T-31, T-36).
/// Error answers pass: their words matter more. Throws RegistryError.
void require_sound_headers(const HttpResponse& response, std::string_view host_port);

}  // namespace regtool::http
