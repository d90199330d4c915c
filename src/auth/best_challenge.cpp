#include "auth/best_challenge.hpp"

namespace regtool::auth {

std::optional<Challenge> best_challenge(const http::HttpResponse& response) {
    std::optional<Challenge> basic;
    for (const std::string_view line : response.headers.get_all("WWW-Authenticate")) {
        for (Challenge& challenge : parse_challenges(line)) {
            if (challenge.scheme == "bearer" && challenge.parameters.contains("realm")) {
                return std::move(challenge);
            }
            if (challenge.scheme == "basic" && !basic) {
                basic = std::move(challenge);
            }
        }
    }
    return basic;
}

}  // namespace regtool::auth
