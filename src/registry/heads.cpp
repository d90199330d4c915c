#include <exception>

#include "registry/content_range.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

namespace {

constexpr int kPartialContent = 206;

BlobHead head_of_blob(const http::HttpResponse& response) {
    BlobHead head;
    if (response.status == kPartialContent) {
        const auto range = parse_content_range(response.headers.get("Content-Range").value_or(""));
        head.size = range ? range->total : std::nullopt;
    } else {
        head.size = base::parse_decimal(response.headers.get("Content-Length").value_or(""));
    }
    head.media_type = model::essence(response.headers.get("Content-Type").value_or(""));
    const auto ranges = response.headers.get("Accept-Ranges");
    head.accepts_ranges = response.status == kPartialContent ||
                          (ranges && base::equals_ignore_case(*ranges, "bytes"));
    return head;
}

/// Sends one HEAD for each of `count` and hands the answers to `settle(index, response)`. The first
/// failure ends it all: a list with gaps would be taken for a list of absences.
void ask_all(http::HttpClient& http,
             std::size_t count,
             const std::function<http::HttpRequest(std::size_t)>& request,
             const std::function<void(std::size_t, const http::HttpResponse&)>& settle,
             const std::stop_token& stop) {
    std::size_t next = 0;
    std::exception_ptr failure;
    http.send_many(
        [&] {
            http::NextRequest produced;
            if (next < count && !failure) {
                produced.state = http::NextRequest::State::ready;
                produced.tag = next;
                produced.request = request(next++);
            }
            return produced;
        },
        [&](http::Completion completion) {
            try {
                if (const auto* error = std::get_if<std::exception_ptr>(&completion.result)) {
                    std::rethrow_exception(*error);
                }
                settle(completion.tag, std::get<http::HttpResponse>(completion.result));
            } catch (const base::Error&) {
                failure = std::current_exception();
            }
        },
        stop);
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace

std::optional<BlobHead> RegistryClient::blob_head_at(const model::Repository& repository,
                                                     const model::Digest& digest,
                                                     const std::stop_token& stop) {
    http::HttpRequest request = blob_request(
        http::Method::head, endpoints_.base_url(repository.registry(), stop), repository, digest);
    http::HttpResponse response = http_.send(request, stop);
    const bool storage_refuses_head = response.status == 403 && response.crossed_origin;
    if (storage_refuses_head || response.status == 405 || response.status == 501) {
        // Storage that signs for GET only: ask for one byte instead (MAN-08).
        request.method = http::Method::get;
        request.headers.set("Range", "bytes=0-0");
        response = http_.send(request, stop);
    }
    if (response.status == 404) {
        return std::nullopt;
    }
    if (!response.ok()) {
        throw_for_response(request.method, response, what_of_blob(repository, digest),
                           name_of_blob(repository, digest));
    }
    return head_of_blob(response);
}

std::vector<std::optional<BlobHead>> RegistryClient::blob_heads(
    const model::Repository& repository,
    std::span<const model::Digest> digests,
    std::stop_token stop) {
    const std::string base = endpoints_.base_url(repository.registry(), stop);
    std::vector<std::optional<BlobHead>> heads(digests.size());
    ask_all(
        http_, digests.size(),
        [&](std::size_t i) {
            return blob_request(http::Method::head, base, repository, digests[i]);
        },
        [&](std::size_t i, const http::HttpResponse& response) {
            if (response.status == 200) {
                heads[i] = head_of_blob(response);
            } else if (response.status != 404) {
                heads[i] = blob_head_at(repository, digests[i], stop);
            }
        },
        stop);
    return heads;
}

std::vector<std::optional<ManifestHead>> RegistryClient::manifest_heads(
    const model::Repository& repository,
    std::span<const model::Digest> digests,
    std::stop_token stop) {
    const std::string base = endpoints_.base_url(repository.registry(), stop);
    std::vector<std::optional<ManifestHead>> heads(digests.size());
    ask_all(
        http_, digests.size(),
        [&](std::size_t i) {
            return manifest_request(http::Method::head, base, repository, digests[i].str());
        },
        [&](std::size_t i, const http::HttpResponse& response) {
            if (response.status != 404) {
                heads[i] = manifest_head_from(
                    response, model::Reference::parse(repository.str() + "@" + digests[i].str()),
                    stop);
            }
        },
        stop);
    return heads;
}

}  // namespace regtool::registry
