#pragma once

#include <string>
#include <string_view>

#include "regtool/http/host_settings.hpp"
#include "regtool/http/message.hpp"

namespace regtool::http {

/// Headers whose values cannot hold a secret; of all others only the name may be shown (T-33).
[[nodiscard]] bool is_harmless_header(std::string_view name);

/// The request as a curl command that a shell takes. Secrets are variables of the shell: $TOKEN,
/// $REGISTRY_USER:$PASSWORD, $BODY, and for a header of the user's own $X_ITS_NAME.
[[nodiscard]] std::string curl_line(const HttpRequest& request,
                                    const HostSettings& settings,
                                    bool has_body);

}  // namespace regtool::http
