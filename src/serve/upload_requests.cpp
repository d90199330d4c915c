#include <algorithm>

#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"
#include "serve/byte_range.hpp"
#include "serve/handler.hpp"

namespace regtool::serve {

namespace {

std::string upload_path(const std::string& repository, const std::string& id) {
    return "/v2/" + repository + "/blobs/uploads/" + id;
}

/// `0-N`, the bytes that are there, N included; `0-0` also when there is none, as Docker's registry
/// says it.
std::string held_range(std::uint64_t size) {
    return "0-" + std::to_string(size == 0 ? 0 : size - 1);
}

Reply upload_reply(int status, const std::string& repository, const Uploads::Lease& upload) {
    Reply reply;
    reply.status = status;
    reply.with("Location", upload_path(repository, upload.id()))
        .with("Range", held_range(upload.size()))
        .with("Docker-Upload-UUID", upload.id());
    return reply;
}

Reply created_reply(const std::string& repository, const model::Digest& digest) {
    Reply reply;
    reply.status = 201;
    reply.with("Location", "/v2/" + repository + "/blobs/" + digest.str())
        .with("Docker-Content-Digest", digest.str());
    return reply;
}

/// Known before a byte is sent, a blob that is too large is refused before it travels.
void check_declared_size(const Context& context, std::uint64_t held) {
    const std::uint64_t most = context.uploads.max_blob_bytes();
    if (context.head.content_length().value_or(0) > most - std::min(held, most)) {
        throw_too_large(most);
    }
}

/// A chunk must begin where the bytes that are there end, and be as long as it says
/// (distribution-spec, "Pushing a blob in chunks").
void check_chunk(const Context& context, const Uploads::Lease& upload) {
    check_declared_size(context, upload.size());
    const auto header = context.head.header("Content-Range");
    if (!header) {
        return;
    }
    const auto range = parse_chunk_range(*header);
    if (!range || range->first != upload.size()) {
        throw Refusal(416, code::kBlobUploadInvalid,
                      "the next byte wanted is number " + std::to_string(upload.size()))
            .with("Location", upload_path(context.target.repository, upload.id()))
            .with("Range", held_range(upload.size()));
    }
    const auto length = context.head.content_length();
    if (length && *length != range->last - range->first + 1) {
        throw Refusal(400, code::kSizeInvalid, "Content-Range and Content-Length disagree");
    }
}

/// Adds to an upload; at the end says how far it has come (PATCH) or gives it its digest (PUT, and
/// POST with a digest).
class UploadTaker final : public BodyTaker {
  public:
    UploadTaker(std::string repository, Uploads::Lease upload, std::optional<model::Digest> digest)
        : repository_(std::move(repository)),
          upload_(std::move(upload)),
          digest_(std::move(digest)) {}

    void take(std::span<const std::byte> bytes) override { upload_.append(bytes); }

    Reply finish() override {
        if (!digest_) {
            return upload_reply(202, repository_, upload_);
        }
        upload_.commit(*digest_);
        return created_reply(repository_, *digest_);
    }

  private:
    std::string repository_;
    Uploads::Lease upload_;
    std::optional<model::Digest> digest_;
};

/// One POST with the whole blob (end-4b): nobody can go on with it when it breaks.
class MonolithicTaker final : public BodyTaker {
  public:
    MonolithicTaker(std::string repository, Uploads::Lease upload, model::Digest digest)
        : repository_(std::move(repository)),
          upload_(std::move(upload)),
          digest_(std::move(digest)) {}

    ~MonolithicTaker() override { upload_.discard(); }

    MonolithicTaker(const MonolithicTaker&) = delete;
    MonolithicTaker& operator=(const MonolithicTaker&) = delete;
    MonolithicTaker(MonolithicTaker&&) = delete;
    MonolithicTaker& operator=(MonolithicTaker&&) = delete;

    void take(std::span<const std::byte> bytes) override { upload_.append(bytes); }

    Reply finish() override {
        upload_.commit(digest_);
        return created_reply(repository_, digest_);
    }

  private:
    std::string repository_;
    Uploads::Lease upload_;
    model::Digest digest_;
};

model::Digest require_verifiable(std::string_view text) {
    model::Digest digest = require_digest(text);
    if (!digest.verifier()) {
        throw Refusal(400, code::kDigestInvalid, "this registry verifies sha256 and sha512");
    }
    return digest;
}

base::HashAlgorithm wanted_algorithm(const Target& target) {
    const auto name = target.parameter("digest-algorithm");
    if (!name || *name == "sha256") {
        return base::HashAlgorithm::sha256;
    }
    if (*name == "sha512") {
        return base::HashAlgorithm::sha512;
    }
    throw Refusal(400, code::kDigestInvalid, "this registry verifies sha256 and sha512");
}

}  // namespace

Outcome uploads_request(const Context& context) {
    if (context.head.method != "POST") {
        throw_method_not_allowed("POST");
    }
    const Target& target = context.target;
    // A mount that cannot be done begins an upload: so says the specification. The repositories of
    // a layout share their blobs, so that `from` needs no look.
    if (const auto mount = target.parameter("mount")) {
        const model::Digest digest = require_digest(*mount);
        if (context.storage.open_blob(digest)) {
            return created_reply(target.repository, digest);
        }
        return upload_reply(202, target.repository,
                            context.uploads.begin(target.repository, wanted_algorithm(target)));
    }
    if (const auto text = target.parameter("digest")) {
        model::Digest digest = require_verifiable(*text);
        check_declared_size(context, 0);
        return std::make_unique<MonolithicTaker>(
            target.repository, context.uploads.begin(target.repository, *digest.verifier()),
            std::move(digest));
    }
    return upload_reply(202, target.repository,
                        context.uploads.begin(target.repository, wanted_algorithm(target)));
}

Outcome upload_request(const Context& context) {
    const Target& target = context.target;
    const std::string_view method = context.head.method;
    if (method == "GET") {
        return upload_reply(204, target.repository,
                            context.uploads.take(target.repository, target.item));
    }
    if (method == "DELETE") {
        context.uploads.take(target.repository, target.item).discard();
        Reply reply;
        reply.status = 204;
        return reply;
    }
    if (method != "PATCH" && method != "PUT") {
        throw_method_not_allowed("GET, PATCH, PUT, DELETE");
    }
    std::optional<model::Digest> digest;
    if (method == "PUT") {
        const auto text = target.parameter("digest");
        if (!text) {
            throw Refusal(400, code::kDigestInvalid,
                          "the digest is missing: PUT …?digest=sha256:…");
        }
        digest = require_verifiable(*text);
    }
    Uploads::Lease upload = context.uploads.take(target.repository, target.item);
    check_chunk(context, upload);
    return std::make_unique<UploadTaker>(target.repository, std::move(upload), std::move(digest));
}

}  // namespace regtool::serve
