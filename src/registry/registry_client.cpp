#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

RegistryClient::RegistryClient(http::HttpClient& http,
                               Endpoints& endpoints,
                               base::Clock& clock,
                               base::Random& random,
                               base::Log& log)
    : http_(http), endpoints_(endpoints), clock_(clock), random_(random), log_(log) {}

http::HttpResponse RegistryClient::ping(const model::RegistryHost& registry, std::stop_token stop) {
    http::HttpRequest request;
    request.url = endpoints_.base_url(registry, stop) + "/v2/";
    request.scopes = {""};
    return http_.send(request, std::move(stop));
}

}  // namespace regtool::registry
