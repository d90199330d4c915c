#include "registry/manifest_put.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

namespace {

constexpr int kTooLarge = 413;

void throw_put_refused(const http::HttpResponse& response,
                       const model::Reference& reference,
                       std::size_t size) {
    try {
        throw_for_response(http::Method::put, response, "put " + reference.familiar(),
                           reference.str());
    } catch (base::Error& error) {
        if (response.status == kTooLarge) {
            error.add_context("the manifest has " + std::to_string(size) +
                              " bytes, more than the registry takes");
        }
        throw;
    }
}

/// The digest by the algorithm of the name. Throws IntegrityError when the name has another one
/// (PUT-05).
model::Digest own_digest(const model::Reference& reference, const model::Manifest& manifest) {
    const auto& named = reference.digest();
    if (!named) {
        return manifest.digest();
    }
    const model::Digest own = model::Digest::of(model::require_verifier(*named), manifest.bytes());
    if (own != *named) {
        base::IntegrityError error("put " + reference.familiar() +
                                   ": the bytes do not have the digest of the name");
        error.add_context("named " + named->str());
        error.add_context("bytes " + own.str());
        throw error;
    }
    return own;
}

/// An answer that names another digest means that the registry altered the manifest (PUT-04).
void require_stored(const http::HttpResponse& response,
                    const model::Reference& reference,
                    const model::Digest& own) {
    const auto header = response.headers.get("Docker-Content-Digest");
    const auto stored = header ? model::Digest::try_parse(*header) : std::nullopt;
    if (stored && stored->algorithm() == own.algorithm() && *stored != own) {
        base::IntegrityError error("put " + reference.familiar() +
                                   ": the registry altered the manifest");
        error.add_context("sent   " + own.str());
        error.add_context("stored " + stored->str());
        throw error;
    }
}

}  // namespace

void RegistryClient::put_manifest(const model::Reference& reference,
                                  const model::Manifest& manifest,
                                  std::stop_token stop,
                                  const std::optional<TagBefore>& before) {
    const model::Digest own = own_digest(reference, manifest);
    http::HttpRequest request =
        manifest_request(http::Method::put, endpoints_.base_url(reference.registry(), stop),
                         reference.repository(), reference.tag() ? *reference.tag() : own.str());
    request.headers.set("Content-Type", manifest.media_type());
    request.body = manifest.bytes();
    request.ask_before_repeat = true;
    ManifestPut put({*this, http_, clock_, random_, log_, retries_}, reference, own, before);
    const std::optional<http::HttpResponse> response = put.run(request, stop);
    if (response) {
        if (!response->ok()) {
            throw_put_refused(*response, reference, manifest.bytes().size());
        }
        require_stored(*response, reference, own);
        // Only 201 promises that it is stored, under its digest and under its name (PUT-03).
        if (response->status != 201 &&
            !ask_standing(*this, reference, own, stop).is_whole(reference, own)) {
            throw_put_refused(*response, reference, manifest.bytes().size());
        }
    }
    list_referrer(reference.repository(), manifest, response, stop);
}

void RegistryClient::delete_manifest(const model::Reference& reference, std::stop_token stop) {
    const http::HttpRequest request =
        manifest_request(http::Method::del, endpoints_.base_url(reference.registry(), stop),
                         reference.repository(), reference.selector());
    const http::HttpResponse response = http_.send(request, stop);
    if (!response.ok()) {
        throw_for_response(request.method, response, "delete " + reference.familiar(),
                           reference.str());
    }
}

}  // namespace regtool::registry
