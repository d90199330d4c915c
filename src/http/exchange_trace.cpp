#include <algorithm>
#include <array>

#include "http/exchange.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

/// Headers that cannot hold a secret; of all others only the name is shown (T-33).
bool is_shown(std::string_view header) {
    constexpr std::array<std::string_view, 22> kShown = {
        "accept",
        "accept-ranges",
        "content-length",
        "content-range",
        "content-type",
        "date",
        "docker-content-digest",
        "docker-distribution-api-version",
        "if-match",
        "if-none-match",
        "if-range",
        "oci-chunk-min-length",
        "oci-filters-applied",
        "oci-subject",
        "range",
        "ratelimit-limit",
        "ratelimit-remaining",
        "retry-after",
        "server",
        "transfer-encoding",
        "user-agent",
        "warning",
    };
    return std::any_of(kShown.begin(), kShown.end(), [&](std::string_view name) {
        return base::equals_ignore_case(name, header);
    });
}

std::string shown(std::string_view name, std::string_view value) {
    if (base::equals_ignore_case(name, "location")) {
        return base::redacted_url(value);
    }
    return is_shown(name) ? base::printable(value, 400) : "(not shown)";
}

}  // namespace

void Exchange::trace_request(const HttpRequest& request) const {
    std::string line =
        "> " + std::string(to_string(request.method)) + " " + base::redacted_url(request.url);
    if (!context_.proxy.empty()) {
        line += " by way of " + base::redacted_url(context_.proxy);
    }
    context_.log.trace(line);
    for (const auto& [name, value] : request.headers.lines()) {
        context_.log.trace("> " + name + ": " + shown(name, value));
    }
    if (request.authorization) {
        const std::string& value = request.authorization->reveal();
        context_.log.trace("> Authorization: " + value.substr(0, value.find(' ')) + " (not shown)");
    }
}

void Exchange::trace_response() const {
    context_.log.trace("< " + std::to_string(response_.status));
    for (const auto& [name, value] : response_.headers.lines()) {
        context_.log.trace("< " + base::printable(name, 100) + ": " + shown(name, value));
    }
}

}  // namespace regtool::http
