#include "http/curl_line.hpp"

#include <algorithm>
#include <array>

#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

/// One word of a POSIX shell, whatever is in it.
std::string shell_quoted(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+-./:=@_,";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
        return std::string(text);
    }
    std::string word = "'";
    for (const char c : text) {
        if (c == '\'') {
            word += "'\\''";
        } else {
            word += c;
        }
    }
    return word + "'";
}

std::string variable_for(std::string_view header) {
    std::string variable = "$";
    for (const char c : header) {
        const bool lower = c >= 'a' && c <= 'z';
        const bool kept = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        variable += lower ? static_cast<char>(c - 'a' + 'A') : (kept ? c : '_');
    }
    return variable;
}

std::string authorization_words(const base::Secret& authorization) {
    const std::string& value = authorization.reveal();
    if (base::equals_ignore_case(value.substr(0, value.find(' ')), "basic")) {
        return " -u \"$REGISTRY_USER:$PASSWORD\"";
    }
    return " -H \"Authorization: Bearer $TOKEN\"";
}

std::string tls_words(const HostSettings& settings) {
    std::string words = settings.insecure_tls ? " --insecure" : "";
    if (!settings.ca_file.empty()) {
        words += " --cacert " + shell_quoted(settings.ca_file);
    }
    if (!settings.client_cert_file.empty()) {
        words += " --cert " + shell_quoted(settings.client_cert_file);
        if (!settings.client_key_file.empty()) {
            words += " --key " + shell_quoted(settings.client_key_file);
        }
    }
    return words;
}

std::string method_words(const HttpRequest& request, bool has_body) {
    if (request.method == Method::head) {
        return " --head";
    }
    const bool implied = request.method == Method::get && !has_body;
    return implied ? "" : " -X " + std::string(to_string(request.method));
}

}  // namespace

bool is_harmless_header(std::string_view name) {
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
    return std::any_of(kShown.begin(), kShown.end(), [&](std::string_view shown) {
        return base::equals_ignore_case(shown, name);
    });
}

std::string curl_line(const HttpRequest& request, const HostSettings& settings, bool has_body) {
    std::string line = "curl -sS";
    const bool reading = request.method == Method::get || request.method == Method::head;
    if (reading && request.follow_redirects) {
        line += "L";  // curl too drops credentials at another host
    }
    line += method_words(request, has_body) + tls_words(settings);
    if (request.authorization) {
        line += authorization_words(*request.authorization);
    }
    for (const auto& [name, value] : request.headers.lines()) {
        line += is_harmless_header(name) ? " -H " + shell_quoted(name + ": " + value)
                                         : " -H \"" + name + ": " + variable_for(name) + "\"";
    }
    if (has_body) {
        line += " --data-binary \"$BODY\"";
    }
    return line + " " + shell_quoted(request.url);
}

}  // namespace regtool::http
