#include "registry/read_located.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/hash.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

namespace {

std::string what_of(const model::Reference& reference) {
    return "manifest " + reference.familiar();
}

/// Throws IntegrityError unless the bytes hash to the digest.
void require_digest(const std::string& bytes,
                    const model::Digest& wanted,
                    const std::string& what) {
    const model::Digest got = model::Digest::of(model::require_verifier(wanted), bytes);
    if (got == wanted) {
        return;
    }
    base::IntegrityError error(what + ": the registry sends other bytes than were asked for");
    error.add_context("expected " + wanted.str());
    error.add_context("received " + got.str() + ", " + std::to_string(bytes.size()) + " bytes");
    throw error;
}

std::optional<model::Digest> digest_header(const http::HttpResponse& response) {
    const auto value = response.headers.get("Docker-Content-Digest");
    return value ? model::Digest::try_parse(*value) : std::nullopt;
}

/// By digest the name decides; a header that says what the name does not must at least agree with
/// the bytes (DIG-07…09).
void verify(const http::HttpResponse& response,
            const std::optional<model::Digest>& wanted,
            const std::string& what) {
    if (wanted) {
        require_digest(response.body, *wanted, what);
    }
    const auto header = digest_header(response);
    const bool tells_more = header && !(wanted && wanted->algorithm() == header->algorithm());
    if (tells_more && header->verifier()) {
        require_digest(response.body, *header, what);
    }
}

void require_document(http::Method method,
                      const http::HttpResponse& response,
                      const std::string& what,
                      const std::string& reference) {
    const auto type = response.headers.get("Content-Type");
    const bool page = type && model::essence(*type) == "text/html";
    if (!response.ok() || page || !parse_error_body(response.body).empty()) {
        throw_for_response(method, response, what, reference);
    }
}

model::Manifest parse(http::HttpResponse response,
                      std::string_view expected_type,
                      const std::string& what) {
    const std::string type(response.headers.get("Content-Type").value_or(""));
    try {
        return model::Manifest::parse(std::move(response.body), type, expected_type);
    } catch (base::Error& error) {
        error.prefix(what);
        throw;
    }
}

/// A HEAD that cannot be used as it is: refused, or forgetful (MAN-06).
bool needs_get(const http::HttpResponse& response) {
    return response.status == 405 || response.status == 501 || response.status == 400 ||
           (response.status == 403 && response.crossed_origin);
}

ManifestHead head_of(const http::HttpResponse& response) {
    ManifestHead head;
    head.digest = digest_header(response);
    head.media_type = model::essence(response.headers.get("Content-Type").value_or(""));
    head.size = base::parse_decimal(response.headers.get("Content-Length").value_or(""));
    return head;
}

bool is_whole(const ManifestHead& head) {
    return head.digest && head.size && !head.media_type.empty() &&
           head.media_type.find("json") != std::string::npos;
}

/// A HEAD by digest that names another one is a lie, not an answer.
void require_same(const ManifestHead& head, const model::Reference& reference) {
    const auto& wanted = reference.digest();
    if (wanted && head.digest && head.digest->algorithm() == wanted->algorithm() &&
        *head.digest != *wanted) {
        base::IntegrityError error(what_of(reference) + ": the registry names another digest");
        error.add_context("expected " + wanted->str());
        error.add_context("received " + head.digest->str());
        throw error;
    }
}

model::Descriptor descriptor_of(const ManifestHead& head, const model::Reference& reference) {
    return {.media_type = head.media_type,
            .digest = reference.digest().value_or(*head.digest),
            .size = *head.size,
            .platform = std::nullopt,
            .annotations = {},
            .artifact_type = {},
            .urls = {},
            .data = std::nullopt};
}

}  // namespace

model::Manifest RegistryClient::manifest_at(const model::Reference& reference,
                                            const std::stop_token& stop) {
    const http::HttpRequest request =
        manifest_request(http::Method::get, endpoints_.base_url(reference.registry(), stop),
                         reference.repository(), reference.selector());
    http::HttpResponse response = http_.send(request, stop);
    require_document(request.method, response, what_of(reference), reference.str());
    verify(response, reference.digest(), what_of(reference));
    return parse(std::move(response), {}, what_of(reference));
}

model::Manifest RegistryClient::child_at(const model::Repository& repository,
                                         const model::Descriptor& expected,
                                         const std::stop_token& stop) {
    const std::string name = repository.str() + "@" + expected.digest.str();
    const std::string what = "manifest " + repository.familiar() + "@" + expected.digest.str();
    const http::HttpRequest request =
        manifest_request(http::Method::get, endpoints_.base_url(repository.registry(), stop),
                         repository, expected.digest.str());
    http::HttpResponse response = http_.send(request, stop);
    require_document(request.method, response, what, name);
    if (response.body.size() != expected.size) {
        throw base::IntegrityError(what + ": its index says " + std::to_string(expected.size) +
                                   " bytes, the registry sends " +
                                   std::to_string(response.body.size()));
    }
    verify(response, expected.digest, what);
    return parse(std::move(response), expected.media_type, what);
}

std::optional<ManifestHead> RegistryClient::manifest_head_at(const model::Reference& reference,
                                                             const std::stop_token& stop) {
    const http::HttpRequest request =
        manifest_request(http::Method::head, endpoints_.base_url(reference.registry(), stop),
                         reference.repository(), reference.selector());
    return manifest_head_from(http_.send(request, stop), reference, stop);
}

/// Reads the answer to a HEAD, and asks with GET where it does not do.
std::optional<ManifestHead> RegistryClient::manifest_head_from(
    const http::HttpResponse& head_answer,
    const model::Reference& reference,
    const std::stop_token& stop) {
    if (head_answer.status == 404) {
        return std::nullopt;
    }
    if (head_answer.ok() && !needs_get(head_answer)) {
        const ManifestHead head = head_of(head_answer);
        require_same(head, reference);
        return head;
    }
    if (head_answer.status == 429 || (head_answer.status >= 500 && !needs_get(head_answer))) {
        throw_for_response(http::Method::head, head_answer, what_of(reference), reference.str());
    }
    // The GET either has the answer or says in words why not (MAN-07, MAN-08).
    const http::HttpRequest request =
        manifest_request(http::Method::get, endpoints_.base_url(reference.registry(), stop),
                         reference.repository(), reference.selector());
    const http::HttpResponse response = http_.send(request, stop);
    if (response.status == 404) {
        return std::nullopt;
    }
    require_document(request.method, response, what_of(reference), reference.str());
    verify(response, reference.digest(), what_of(reference));
    ManifestHead head = head_of(response);
    head.size = response.body.size();
    head.digest = reference.digest() ? reference.digest() : model::Digest::sha256_of(response.body);
    return head;
}

std::optional<model::Descriptor> RegistryClient::current(const model::Reference& reference,
                                                         std::stop_token stop) {
    const auto head = manifest_head_at(reference, stop);
    if (!head) {
        return std::nullopt;
    }
    if (is_whole(*head)) {
        return descriptor_of(*head, reference);
    }
    // Forgetful: its bytes tell (MAN-06).
    return described(reference, stop);
}

model::Descriptor RegistryClient::described(const model::Reference& reference,
                                            const std::stop_token& stop) {
    model::Descriptor descriptor = manifest_at(reference, stop).descriptor();
    if (reference.digest()) {
        descriptor.digest = *reference.digest();
    }
    return descriptor;
}

model::Descriptor RegistryClient::resolve_at(const model::Reference& reference,
                                             const std::stop_token& stop) {
    // Absent: the GET words the registry's reason.
    auto found = current(reference, stop);
    return found ? std::move(*found) : described(reference, stop);
}

model::Manifest RegistryClient::manifest(const model::Reference& reference, std::stop_token stop) {
    return read_located(
        reference.repository(), reference.digest().has_value(),
        [&](const model::Repository& place) { return manifest_at(reference.in(place), stop); });
}

model::Manifest RegistryClient::manifest(const model::Repository& repository,
                                         const model::Descriptor& expected,
                                         std::stop_token stop) {
    if (expected.data) {
        return model::Manifest::parse(*expected.data, {}, expected.media_type);
    }
    return read_located(repository, true, [&](const model::Repository& place) {
        return child_at(place, expected, stop);
    });
}

std::optional<ManifestHead> RegistryClient::manifest_head(const model::Reference& reference,
                                                          std::stop_token stop) {
    return read_located(reference.repository(), reference.digest().has_value(),
                        [&](const model::Repository& place) {
                            return manifest_head_at(reference.in(place), stop);
                        });
}

model::Descriptor RegistryClient::resolve(const model::Reference& reference, std::stop_token stop) {
    return read_located(
        reference.repository(), reference.digest().has_value(),
        [&](const model::Repository& place) { return resolve_at(reference.in(place), stop); });
}

void RegistryClient::resolve_many(const std::vector<model::Reference>& references,
                                  const std::function<void(Resolved)>& done,
                                  std::stop_token stop) {
    std::size_t next = 0;
    const auto produce = [&] {
        http::NextRequest produced;
        if (next == references.size()) {
            return produced;
        }
        const model::Reference reference =
            locate_ ? references[next].in(locate_(references[next].repository()).primary)
                    : references[next];
        produced.state = http::NextRequest::State::ready;
        produced.tag = next++;
        produced.request =
            manifest_request(http::Method::head, endpoints_.base_url(reference.registry(), stop),
                             reference.repository(), reference.selector());
        return produced;
    };
    const auto settle = [&](http::Completion completion) {
        const model::Reference& reference = references[completion.tag];
        Resolved resolved{completion.tag, std::exception_ptr()};
        try {
            if (const auto* failure = std::get_if<std::exception_ptr>(&completion.result)) {
                std::rethrow_exception(*failure);
            }
            const auto& response = std::get<http::HttpResponse>(completion.result);
            const ManifestHead head = head_of(response);
            if (response.ok() && is_whole(head)) {
                require_same(head, reference);
                resolved.result = descriptor_of(head, reference);
            } else {
                resolved.result = resolve(reference, stop);
            }
        } catch (const base::Error&) {
            resolved.result = std::current_exception();
        }
        done(std::move(resolved));
    };
    http_.send_many(produce, settle, stop);
}

}  // namespace regtool::registry
