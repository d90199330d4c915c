#include "serve/handler.hpp"

#include <new>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::serve {

namespace {

Reply base_request(const RequestHead& head) {
    if (!is_read(head.method)) {
        throw_method_not_allowed("GET, HEAD");
    }
    return json_reply("{}", "application/json");
}

/// A page in a browser can send a request to this machine's registry, which would act with the
/// rights of whoever runs the browser. Registry clients send no Origin.
void refuse_browsers(const RequestHead& head) {
    if (!is_read(head.method) && head.header("Origin")) {
        throw Refusal(403, code::kDenied, "this registry takes no changes from web pages");
    }
}

}  // namespace

bool is_read(std::string_view method) noexcept {
    return method == "GET" || method == "HEAD";
}

void throw_method_not_allowed(std::string_view allowed) {
    throw Refusal(405, code::kUnsupported, "this endpoint has only " + std::string(allowed))
        .with("Allow", std::string(allowed));
}

model::Digest require_digest(std::string_view text) {
    if (auto digest = model::Digest::try_parse(text)) {
        return std::move(*digest);
    }
    throw Refusal(
        400, code::kDigestInvalid,
        "not a digest: " + base::printable(text, 200) + " (sha256: and 64 lower-case hex digits)");
}

Handler::Handler(Storage& storage,
                 HandlerOptions options,
                 const base::Clock& clock,
                 std::stop_token stop,
                 base::Log& log)
    : storage_(storage),
      options_(std::move(options)),
      log_(log),
      contents_(storage, options_.default_repository, log),
      uploads_(storage, clock, options_.max_blob_bytes, std::move(stop)) {}

Outcome Handler::route(const RequestHead& head) {
    const Target target = parse_target(head.target);
    refuse_browsers(head);
    if (options_.read_only && !is_read(head.method)) {
        throw Refusal(405, code::kUnsupported, "this registry is read-only")
            .with("Allow", "GET, HEAD");
    }
    const Context context{head, target, storage_, contents_, uploads_};
    switch (target.endpoint) {
        case Endpoint::base:
            return base_request(head);
        case Endpoint::catalog:
            return catalog_request(context);
        case Endpoint::tags:
            return tags_request(context);
        case Endpoint::manifest:
            return manifest_request(context);
        case Endpoint::blob:
            return blob_request(context);
        case Endpoint::uploads:
            return uploads_request(context);
        case Endpoint::upload:
            return upload_request(context);
        case Endpoint::referrers:
            return referrers_request(context);
    }
    throw base::Error(base::ErrorKind::internal, "an endpoint without a function");
}

Outcome Handler::begin(const RequestHead& head) noexcept {
    try {
        return route(head);
    } catch (...) {  // the one place where a failure becomes an answer
        return reply_to_failure();
    }
}

Reply Handler::reply_to_failure() const noexcept {
    try {
        throw;
    } catch (const Refusal& refusal) {
        return error_reply(refusal);
    } catch (const std::bad_alloc&) {
        return error_reply(Refusal(503, code::kUnknown, "out of memory"));
    } catch (const std::exception& error) {
        // Paths of this machine are for its owner, not for a client.
        log_.warn(std::string("a request failed: ") + error.what());
        return error_reply(Refusal(500, code::kUnknown, "the registry failed; its log says how"));
    }
}

}  // namespace regtool::serve
