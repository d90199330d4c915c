#include "registry/requests.hpp"

#include "regtool/model/manifest.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::registry {

namespace {

std::string_view actions_of(http::Method method) {
    switch (method) {
        case http::Method::get:
        case http::Method::head:
            return "pull";
        case http::Method::post:
        case http::Method::put:
        case http::Method::patch:
            return "pull,push";
        case http::Method::del:
            return "delete";
    }
    return "pull";
}

}  // namespace

std::string repository_scope(const model::Repository& repository, std::string_view actions) {
    return "repository:" + repository.path() + ":" + std::string(actions);
}

http::HttpRequest manifest_request(http::Method method,
                                   const std::string& base,
                                   const model::Repository& repository,
                                   const std::string& selector) {
    http::HttpRequest request;
    request.method = method;
    request.url = base + "/v2/" + repository.path() + "/manifests/" + selector;
    request.scopes = {repository_scope(repository, actions_of(method))};
    request.max_body_bytes = model::kMaxManifestBytes;
    if (method == http::Method::get || method == http::Method::head) {
        request.headers.set("Accept", std::string(model::manifest_accept_header()));
    }
    return request;
}

http::HttpRequest blob_request(http::Method method,
                               const std::string& base,
                               const model::Repository& repository,
                               const model::Digest& digest) {
    http::HttpRequest request;
    request.method = method;
    request.url = base + "/v2/" + repository.path() + "/blobs/" + digest.str();
    request.scopes = {repository_scope(repository, actions_of(method))};
    return request;
}

std::string what_of_blob(const model::Repository& repository, const model::Digest& digest) {
    return "blob " + repository.familiar() + "@" + digest.str();
}

std::string name_of_blob(const model::Repository& repository, const model::Digest& digest) {
    return repository.str() + "@" + digest.str();
}

}  // namespace regtool::registry
