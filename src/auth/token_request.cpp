#include "auth/token_request.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "regtool/auth/challenge.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxReplyBytes = std::size_t{128} << 10;
constexpr std::size_t kMaxTokenBytes = std::size_t{64} << 10;
constexpr std::int64_t kMinLifetimeSeconds = 60;
constexpr std::int64_t kMaxLifetimeSeconds = 24 * 3600;
constexpr std::string_view kClientId = "regtool";

std::string member(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// RFC 6750 b64token, loosely: visible ASCII without blanks.
bool is_token(const std::string& text) {
    return !text.empty() && text.size() <= kMaxTokenBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void append_parameter(std::string& to, std::string_view name, std::string_view value) {
    to += (to.empty() ? "" : "&") + std::string(name) + "=" + base::percent_encode(value);
}

http::HttpRequest get_request(const TokenQuestion& question, const Credentials& credentials) {
    std::string query;
    if (!question.service.empty()) {
        append_parameter(query, "service", question.service);
    }
    for (const std::string& scope : question.scopes) {
        append_parameter(query, "scope", scope);
    }
    append_parameter(query, "client_id", kClientId);
    http::HttpRequest request;
    if (!credentials.anonymous()) {
        append_parameter(query, "account", credentials.username);
        request.authorization = basic_authorization(credentials);
        if (question.offline) {
            append_parameter(query, "offline_token", "true");
        }
    }
    const bool has_query = question.realm.url.find('?') != std::string::npos;
    request.url = question.realm.url + (has_query ? "&" : "?") + query;
    return request;
}

http::HttpRequest post_request(const TokenQuestion& question, const Credentials& credentials) {
    std::string scopes;
    for (const std::string& scope : question.scopes) {
        scopes += (scopes.empty() ? "" : " ") + scope;
    }
    const bool refresh = !credentials.identity_token.empty();
    http::HttpRequest request;
    request.method = http::Method::post;
    request.url = question.realm.url;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    std::string& form = request.body;
    append_parameter(form, "grant_type", refresh ? "refresh_token" : "password");
    append_parameter(form, "service", question.service);
    append_parameter(form, "client_id", kClientId);
    append_parameter(form, "scope", scopes);
    if (refresh) {
        append_parameter(form, "refresh_token", credentials.identity_token.reveal());
    } else {
        append_parameter(form, "access_type", "offline");
        append_parameter(form, "username", credentials.username);
        append_parameter(form, "password", credentials.password.reveal());
    }
    return request;
}

/// The first message of an error envelope, for the user's eyes.
std::string words_of(const std::string& body) {
    try {
        const Json json = base::parse_json(body, "token reply");
        if (json.is_object() && json.contains("errors") && json["errors"].is_array() &&
            !json["errors"].empty() && json["errors"][0].is_object()) {
            return member(json["errors"][0], "code") + " " + member(json["errors"][0], "message");
        }
        if (json.is_object()) {
            const std::string details = member(json, "details");
            return details.empty() ? member(json, "error_description") : details;
        }
    } catch (const base::Error&) {  // not JSON: the status says enough
        return {};
    }
    return {};
}

[[noreturn]] void throw_refused(const TokenQuestion& question,
                                const Credentials& credentials,
                                const http::HttpResponse& response) {
    const std::string where = base::redacted_url(question.realm.url);
    const std::string words = base::printable(base::trim(words_of(response.body)), 400);
    const std::string status = "status " + std::to_string(response.status);
    // Timeouts and limits say nothing about the credentials.
    const bool its_own_trouble = response.status == 408 || response.status == 425 ||
                                 response.status == 429 || response.status >= 500;
    if (its_own_trouble) {
        base::RegistryError error("token server " + where + " failed: " + status, response.status);
        error.facts().http_status = response.status;
        throw error;
    }
    base::AccessDenied error(credentials.anonymous()
                                 ? "token server " + where + " gives no anonymous token"
                                 : "token server " + where + " refuses the credentials from " +
                                       credentials.source);
    error.facts().http_status = response.status;
    error.add_context(status + (words.empty() ? "" : ": " + words));
    error.set_hint("regtool login " + question.registry +
                   (credentials.anonymous() ? "" : ", or --anonymous for what is public"));
    throw error;
}

std::chrono::seconds lifetime_of(const Json& json) {
    const auto found = json.find("expires_in");
    if (found == json.end() || !found->is_number()) {
        return std::chrono::seconds(kMinLifetimeSeconds);
    }
    const double seconds = found->get<double>();
    if (!std::isfinite(seconds)) {
        return std::chrono::seconds(kMinLifetimeSeconds);
    }
    return std::chrono::seconds(
        static_cast<std::int64_t>(std::clamp(seconds, static_cast<double>(kMinLifetimeSeconds),
                                             static_cast<double>(kMaxLifetimeSeconds))));
}

http::HttpResponse ask(http::HttpClient& http,
                       const TokenQuestion& question,
                       http::HttpRequest request,
                       const std::stop_token& stop) {
    request.max_body_bytes = kMaxReplyBytes;
    request.follow_redirects = false;
    request.named_by = question.asked_by;
    http::HttpResponse response = http.send(request, stop);
    base::wipe(request.body);
    return response;
}

/// Token servers that know only GET answer a form so; with a password GET may be tried, while a
/// refresh token would end up in a Basic header (ATH-11).
///
/// Others do not look at the form and answer with an anonymous token: only the identity token that
/// the form asks for shows that the password was read.
bool took_the_form(const http::HttpResponse& response, const TokenQuestion& question) {
    const int status = response.status;
    if (status == 200) {
        return !parse_token_reply(response.body, question.realm.url).refresh_token.empty();
    }
    return status != 400 && status != 401 && status != 404 && status != 405;
}

}  // namespace

base::Secret basic_authorization(const Credentials& credentials) {
    if (credentials.username.find(':') != std::string::npos) {
        throw base::UsageError("the user name from " + credentials.source + " contains a colon");
    }
    std::string pair = credentials.username + ":" + credentials.password.reveal();
    base::Secret header("Basic " + base::base64_encode(pair));
    base::wipe(pair);
    return header;
}

Token parse_token_reply(const std::string& body, const std::string& realm_url) {
    const auto nonsense = [&](const std::string& why) {
        return base::RegistryError("token server " + base::redacted_url(realm_url) +
                                   " answers nonsense: " + why);
    };
    Json json;
    try {
        json = base::parse_json(body, "its reply");
    } catch (const base::InvalidDocument& error) {
        throw nonsense(error.message());
    }
    if (!json.is_object()) {
        throw nonsense("its reply is no JSON object");
    }
    std::string text = member(json, "token");
    if (text.empty()) {
        text = member(json, "access_token");
    }
    if (text.empty()) {
        throw nonsense("its reply holds no token");
    }
    if (!is_token(text)) {
        throw nonsense("its token has characters that no token has");
    }
    Token token;
    token.text = base::Secret(std::move(text));
    token.lifetime = lifetime_of(json);
    token.refresh_token = base::Secret(member(json, "refresh_token"));
    return token;
}

Token request_token(http::HttpClient& http,
                    const TokenQuestion& question,
                    const Credentials& credentials,
                    const std::stop_token& stop) {
    const Credentials shown = question.realm.trusted ? credentials : Credentials();
    const bool refresh = !shown.identity_token.empty();
    const bool logs_in = question.offline && !refresh && !shown.anonymous();
    http::HttpResponse response = ask(
        http, question,
        refresh || logs_in ? post_request(question, shown) : get_request(question, shown), stop);
    if (logs_in && !took_the_form(response, question)) {
        base::wipe(response.body);
        response = ask(http, question, get_request(question, shown), stop);
    }
    if (response.status != 200) {
        throw_refused(question, shown, response);
    }
    Token token = parse_token_reply(response.body, question.realm.url);
    base::wipe(response.body);
    return token;
}

}  // namespace regtool::auth
