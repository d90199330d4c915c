#include "regtool/auth/access.hpp"

#include "auth/best_challenge.hpp"
#include "auth/realm.hpp"
#include "auth/token_request.hpp"

namespace regtool::auth {

namespace {

std::string parameter(const Challenge& challenge, const char* name) {
    const auto found = challenge.parameters.find(name);
    return found == challenge.parameters.end() ? "" : found->second;
}

}  // namespace

AccessReport find_access(http::HttpClient& http,
                         const std::string& url,
                         const std::string& registry,
                         std::vector<std::string> scopes,
                         const Credentials& credentials,
                         const std::stop_token& stop) {
    http::HttpRequest request;
    request.url = url;
    const http::HttpResponse response = http.send(request, stop);
    AccessReport report;
    report.status = response.status;
    report.scopes = merge_scopes(scopes);
    const auto challenge = response.status == 401 ? best_challenge(response) : std::nullopt;
    if (!challenge) {
        return report;
    }
    report.scheme = challenge->scheme;
    if (challenge->scheme != "bearer") {
        return report;
    }
    const Realm realm = judge_realm(parameter(*challenge, "realm"), response.url, {});
    report.realm = realm.url;
    report.realm_trusted = realm.trusted;
    report.service = parameter(*challenge, "service");
    const Token token =
        request_token(http, {realm, report.service, report.scopes, response.url, registry, false},
                      credentials, stop);
    report.token = token.text;
    report.token_lifetime = token.lifetime;
    return report;
}

}  // namespace regtool::auth
