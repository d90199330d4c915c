#include "regtool/auth/access.hpp"

#include "auth/best_challenge.hpp"
#include "auth/realm.hpp"
#include "auth/token_claims.hpp"
#include "auth/token_request.hpp"

namespace regtool::auth {

namespace {

std::string parameter(const Challenge& challenge, const char* name) {
    const auto found = challenge.parameters.find(name);
    return found == challenge.parameters.end() ? "" : found->second;
}

void ask_for_token(http::HttpClient& http,
                   const AccessQuestion& question,
                   const std::string& asked_by,
                   const AuthOptions& rules,
                   const std::stop_token& stop,
                   AccessReport& report) {
    const Realm realm = judge_realm(report.realm, asked_by, question.registry, rules);
    report.realm = realm.url;
    report.withheld = report.withheld || (!realm.trusted && !question.credentials.anonymous());
    Token token = request_token(
        http,
        {realm, report.service, report.scopes, asked_by, question.registry.str(), question.offline},
        question.credentials, stop);
    report.token = token.text;
    report.token_lifetime = token.lifetime;
    report.granted = granted_scopes(token.text.reveal());
    report.refresh_token = std::move(token.refresh_token);
}

}  // namespace

AccessReport find_access(http::HttpClient& http,
                         AccessQuestion question,
                         const AuthOptions& rules,
                         const std::stop_token& stop) {
    AccessReport report;
    report.scopes = merge_scopes(question.scopes);
    if (!question.credentials.anonymous() && question.url.starts_with("https://") &&
        rules.allow_credentials && !rules.allow_credentials(question.registry)) {
        question.credentials = Credentials{};
        report.withheld = true;
    }
    http::HttpRequest request;
    request.url = question.url;
    const http::HttpResponse response = http.send(request, stop);
    report.status = response.status;
    const auto challenge = response.status == 401 && !response.crossed_origin
                               ? best_challenge(response)
                               : std::nullopt;
    if (!challenge) {
        return report;
    }
    report.scheme = challenge->scheme;
    if (challenge->scheme != "bearer") {
        return report;
    }
    report.realm = parameter(*challenge, "realm");
    report.service = parameter(*challenge, "service");
    if (!question.credentials.registry_token.empty()) {
        report.token = question.credentials.registry_token;  // sent as it is (ATH-22)
        report.granted = granted_scopes(report.token->reveal());
        return report;
    }
    ask_for_token(http, question, response.url, rules, stop, report);
    return report;
}

}  // namespace regtool::auth
