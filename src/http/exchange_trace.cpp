#include "http/curl_line.hpp"
#include "http/exchange.hpp"
#include "http/proxy.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

std::string shown(std::string_view name, std::string_view value) {
    if (base::equals_ignore_case(name, "location")) {
        return base::redacted_url(value);
    }
    return is_harmless_header(name) ? base::printable(value, 400) : "(not shown)";
}

}  // namespace

void Exchange::show_as_curl(const HttpRequest& request) const {
    if (request.redirected) {
        return;  // the line before follows redirects by itself; signed addresses are secrets
    }
    const HostSettings settings = context_.options.host_settings
                                      ? context_.options.host_settings(url_.host_port())
                                      : HostSettings{};
    context_.options.show_curl_line(
        curl_line(request, settings, context_.upload != nullptr || !request.body.empty()));
}

void Exchange::trace_request(const HttpRequest& request) const {
    std::string line =
        "> " + std::string(to_string(request.method)) + " " + base::redacted_url(request.url);
    if (!context_.proxy.empty()) {
        line += " by way of " + shown_proxy(context_.proxy);
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
