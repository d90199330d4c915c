#include "regtool/base/text.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

bool RegistryClient::mount_blob(const model::Repository& from,
                                const model::Repository& to,
                                const model::Digest& digest,
                                std::stop_token stop) {
    http::HttpRequest request;
    request.method = http::Method::post;
    request.url = endpoints_.base_url(to.registry(), stop) + "/v2/" + to.path() +
                  "/blobs/uploads/?mount=" + base::percent_encode(digest.str()) +
                  "&from=" + base::percent_encode(from.path());
    // The target's scope first: some token servers read only one (ATH-16).
    request.scopes = {"repository:" + to.path() + ":pull,push",
                      "repository:" + from.path() + ":pull"};
    const http::HttpResponse response = http_.send(request, stop);
    return response.status == 201;
}

}  // namespace regtool::registry
