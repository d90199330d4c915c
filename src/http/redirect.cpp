#include "http/redirect.hpp"

#include <algorithm>
#include <array>

#include "http/url.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// The only headers that mean the same to a stranger; everything else stays with its origin
/// (RDR-02, RDR-09).
bool may_cross(std::string_view name) {
    constexpr std::array<std::string_view, 4> kNames = {"accept", "range", "if-range",
                                                        "accept-encoding"};
    return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view allowed) {
        return base::equals_ignore_case(name, allowed);
    });
}

base::RegistryError refusal(const HttpResponse& response, const std::string& why) {
    base::RegistryError error(
        "unusable redirect from " + base::redacted_url(response.url) + ": " + why, response.status);
    error.facts().url = base::redacted_url(response.url);
    return error;
}

Url target_of(const HttpResponse& response) {
    const std::vector<std::string_view> locations = response.headers.get_all("Location");
    if (locations.empty() || locations.front().empty()) {
        throw refusal(response, "it has no Location");
    }
    if (std::any_of(locations.begin(), locations.end(),
                    [&](std::string_view other) { return other != locations.front(); })) {
        throw refusal(response, "it names two different places");
    }
    try {
        return Url::parse(response.url).resolve(locations.front());
    } catch (const base::UsageError& error) {
        throw refusal(response, error.message());
    }
}

}  // namespace

RedirectChain::RedirectChain(HttpRequest request) : current_(std::move(request)) {}

bool RedirectChain::follow(const HttpResponse& response) {
    const bool reading = current_.method == Method::get || current_.method == Method::head;
    if (!is_redirect(response.status) || !current_.follow_redirects || !reading) {
        return false;
    }
    if (++hops_ > kMaxRedirects) {
        throw refusal(response, "more than " + std::to_string(kMaxRedirects) + " redirects");
    }
    const Url from = Url::parse(current_.url);
    const Url to = target_of(response);
    if (from.scheme() == "https" && to.scheme() == "http") {
        throw refusal(response, "it leads from https to http at " + to.host_port());
    }
    if (from.origin() != to.origin()) {
        crossed_ = true;
    }
    if (crossed_) {
        // Dropped once is dropped for good, also when a later hop returns (RDR-03).
        current_.authorization.reset();
        Headers kept;
        for (const auto& [name, value] : current_.headers.lines()) {
            if (may_cross(name)) {
                kept.add(name, value);
            }
        }
        current_.headers = std::move(kept);
    }
    current_.named_by = current_.url;
    current_.redirected = true;
    current_.url = to.text();
    return true;
}

}  // namespace regtool::http
