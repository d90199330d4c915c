#pragma once

#include <optional>

#include "regtool/auth/challenge.hpp"
#include "regtool/http/message.hpp"

namespace regtool::auth {

/// Bearer where it is offered, else Basic; nullopt when the answer offers neither (ATH-02, ATH-03).
[[nodiscard]] std::optional<Challenge> best_challenge(const http::HttpResponse& response);

}  // namespace regtool::auth
