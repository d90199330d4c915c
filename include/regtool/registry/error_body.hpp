#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regtool/base/error.hpp"
#include "regtool/http/message.hpp"

namespace regtool::registry {

/// The error envelope of a body, or {} when it has none (ERR-01…03). Never throws.
[[nodiscard]] std::vector<base::RegistryErrorEntry> parse_error_body(std::string_view body);

/// Throws the Error that an answer means: NotFound, AccessDenied (with the login hint),
/// RegistryError …, with request, status and the registry's own words in its facts and context.
/// `what` is WHAT of the error line, `reference` names what was asked for.
[[noreturn]] void throw_for_response(http::Method method,
                                     const http::HttpResponse& response,
                                     std::string_view what,
                                     std::string_view reference);

}  // namespace regtool::registry
