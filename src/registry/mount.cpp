#include "registry/upload_session.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

MountAnswer RegistryClient::mount_blob(const model::Repository& from,
                                       const model::Repository& to,
                                       const model::Digest& digest,
                                       std::stop_token stop) {
    const std::string what =
        "mount " + digest.str() + " from " + from.familiar() + " into " + to.familiar();
    http::HttpRequest request;
    request.method = http::Method::post;
    request.url = endpoints_.base_url(to.registry(), stop) + "/v2/" + to.path() +
                  "/blobs/uploads/?mount=" + base::percent_encode(digest.str()) +
                  "&from=" + base::percent_encode(from.path());
    // The target's scope first: some token servers read only one (ATH-16).
    request.scopes = {"repository:" + to.path() + ":pull,push",
                      "repository:" + from.path() + ":pull"};
    MountAnswer answer;
    try {
        const http::HttpResponse response = http_.send(request, stop);
        if (response.status == 201) {
            const auto named = response.headers.get("Docker-Content-Digest");
            const auto got = named ? model::Digest::try_parse(*named) : std::nullopt;
            answer.mounted =
                !got || got->algorithm() != digest.algorithm() || *got == digest;  // MNT-08
        } else if (response.status == 202) {
            answer.session = session_of(response, what);
        }
        if (!answer.mounted) {
            log_.info(what + ": not mounted, status " + std::to_string(response.status));
        }
    } catch (const base::AccessDenied& error) {
        // No token for both repositories: an upload may still be allowed (MNT-04).
        log_.info(what + ": not mounted, " + error.message());
    }
    return answer;
}

}  // namespace regtool::registry
