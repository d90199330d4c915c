#include "regtool/base/text.hpp"
#include "serve/byte_range.hpp"
#include "serve/handler.hpp"

namespace regtool::serve {

namespace {

[[noreturn]] void throw_no_blob(const model::Digest& digest) {
    throw Refusal(404, code::kBlobUnknown, "no blob " + digest.str());
}

/// The Range header, unless If-Range names another state of the file (RFC 9110 §13.1.5).
std::string_view wanted_range(const RequestHead& head, const std::string& etag) {
    const auto condition = head.header("If-Range");
    if (condition && base::trim(*condition) != etag) {
        return {};
    }
    return head.header("Range").value_or(std::string_view{});
}

Reply read_blob(const Context& context, const model::Digest& digest) {
    auto blob = context.storage.open_blob(digest);
    if (!blob) {
        throw_no_blob(digest);
    }
    const std::string etag = "\"" + digest.str() + "\"";
    Reply reply;
    reply.with("Docker-Content-Digest", digest.str())
        .with("ETag", etag)
        .with("Accept-Ranges", "bytes");
    if (context.head.header("If-None-Match") == etag) {
        reply.status = 304;
        return reply;
    }
    reply.with("Content-Type", "application/octet-stream");
    const auto range = select_range(wanted_range(context.head, etag), blob->size);
    if (std::holds_alternative<Unsatisfiable>(range)) {
        throw Refusal(416, code::kSizeInvalid, "the range is outside the blob")
            .with("Content-Range", "bytes */" + std::to_string(blob->size));
    }
    if (const auto* part = std::get_if<ByteRange>(&range)) {
        reply.status = 206;
        reply.with("Content-Range", "bytes " + std::to_string(part->first) + "-" +
                                        std::to_string(part->last) + "/" +
                                        std::to_string(blob->size));
        reply.body = FileBody{std::move(blob->fd), part->first, part->last - part->first + 1};
        return reply;
    }
    reply.body = FileBody{std::move(blob->fd), 0, blob->size};
    return reply;
}

/// Repositories of a layout share their blobs: one that is needed anywhere stays.
Reply delete_blob(const Context& context, const model::Digest& digest) {
    if (const auto holder = holder_of(*context.contents.now(), digest)) {
        throw Refusal(405, code::kUnsupported,
                      "the blob belongs to " + *holder + ", which must be deleted first")
            .with("Allow", "GET, HEAD");
    }
    if (!context.storage.remove_blob(digest)) {
        throw_no_blob(digest);
    }
    Reply reply;
    reply.status = 202;
    return reply;
}

}  // namespace

Outcome blob_request(const Context& context) {
    const model::Digest digest = require_digest(context.target.item);
    if (is_read(context.head.method)) {
        return read_blob(context, digest);
    }
    if (context.head.method == "DELETE") {
        return delete_blob(context, digest);
    }
    throw_method_not_allowed("GET, HEAD, DELETE");
}

}  // namespace regtool::serve
