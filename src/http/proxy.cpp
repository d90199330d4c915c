#include "http/proxy.hpp"

#include "http/address.hpp"
#include "http/curl_handle.hpp"
#include "http/no_proxy.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

/// A variable's value and its name, for messages.
struct Setting {
    const char* name = "";
    std::string value;
};

Setting first_of(const Environment& environment, const char* lower, const char* upper) {
    for (const char* name : {lower, upper}) {
        if (name != nullptr) {
            if (auto value = environment(name); value && !value->empty()) {
                return {name, *value};
            }
        }
    }
    return {};
}

/// libcurl would repeat an address that it cannot read, password and all: nothing of it may be
/// said.
std::string checked(const Setting& proxy) {
    std::string text =
        proxy.value.find("://") == std::string::npos ? "http://" + proxy.value : proxy.value;
    const UrlHandle url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) !=
        CURLUE_OK) {
        throw base::UsageError(std::string(proxy.name) +
                               " is no address of a proxy, such as http://user:password@host:3128");
    }
    return text;
}

}  // namespace

std::string choose_proxy(const Url& url,
                         const std::string& explicit_proxy,
                         const Environment& environment) {
    if (!explicit_proxy.empty()) {
        return checked({"the proxy", explicit_proxy});
    }
    if (is_loopback_name(url.host())) {
        return {};
    }
    // HTTP_PROXY in capitals can be set by a CGI request header, so it is never read.
    Setting proxy = url.scheme() == "https" ? first_of(environment, "https_proxy", "HTTPS_PROXY")
                                            : first_of(environment, "http_proxy", nullptr);
    if (proxy.value.empty()) {
        proxy = first_of(environment, "all_proxy", "ALL_PROXY");
    }
    if (proxy.value.empty() ||
        is_excepted(url.host(), first_of(environment, "no_proxy", "NO_PROXY").value)) {
        return {};
    }
    return checked(proxy);
}

std::string shown_proxy(std::string_view proxy) {
    const std::string text = base::redacted_url(proxy);
    const std::size_t authority = text.find("://") + 3;
    return text.substr(0, text.find('/', authority));
}

}  // namespace regtool::http
