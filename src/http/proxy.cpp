#include "http/proxy.hpp"

#include "http/address.hpp"

namespace regtool::http {

namespace {

std::string first_of(const Environment& environment, const char* lower, const char* upper) {
    if (auto value = environment(lower); value && !value->empty()) {
        return *value;
    }
    if (upper != nullptr) {
        if (auto value = environment(upper); value && !value->empty()) {
            return *value;
        }
    }
    return {};
}

}  // namespace

std::string choose_proxy(const Url& url,
                         const std::string& explicit_proxy,
                         const Environment& environment) {
    if (!explicit_proxy.empty()) {
        return explicit_proxy;
    }
    if (is_loopback_name(url.host())) {
        return {};
    }
    // HTTP_PROXY in capitals can be set by a CGI request header, so it is never read.
    std::string proxy = url.scheme() == "https"
                            ? first_of(environment, "https_proxy", "HTTPS_PROXY")
                            : first_of(environment, "http_proxy", nullptr);
    return proxy.empty() ? first_of(environment, "all_proxy", "ALL_PROXY") : proxy;
}

}  // namespace regtool::http
