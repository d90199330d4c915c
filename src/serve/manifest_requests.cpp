#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/model/reference.hpp"
#include "serve/handler.hpp"
#include "serve/image_name.hpp"

namespace regtool::serve {

namespace {

struct Found {
    model::Digest digest;
    std::string media_type;
};

[[noreturn]] void throw_no_manifest(const Target& target) {
    throw Refusal(404, code::kManifestUnknown,
                  "no manifest " + base::printable(target.item, 200) + " in " + target.repository);
}

/// The manifest that a tag or digest names in a repository; its bytes may be missing all the same.
std::optional<Found> find_manifest(const Repositories& repositories, const Target& target) {
    const auto repository = repositories.find(target.repository);
    if (repository == repositories.end()) {
        return std::nullopt;
    }
    const auto tag = repository->second.tags.find(target.item);
    if (tag != repository->second.tags.end()) {
        return Found{tag->second.digest, tag->second.media_type};
    }
    const auto digest = model::Digest::try_parse(target.item);
    const auto manifest =
        digest ? repository->second.manifests.find(*digest) : repository->second.manifests.end();
    if (manifest == repository->second.manifests.end() || !manifest->second) {
        return std::nullopt;
    }
    return Found{manifest->first, manifest->second->media_type};
}

Reply read_manifest(const Context& context) {
    const auto found = find_manifest(*context.contents.now(), context.target);
    auto bytes = found ? context.contents.manifest_bytes(found->digest) : std::nullopt;
    if (!bytes) {
        throw_no_manifest(context.target);
    }
    const std::string etag = "\"" + found->digest.str() + "\"";
    if (context.head.header("If-None-Match") == etag) {
        Reply reply;
        reply.status = 304;
        reply.with("ETag", etag).with("Docker-Content-Digest", found->digest.str());
        return reply;
    }
    Reply reply = json_reply(std::move(*bytes), found->media_type);
    reply.with("Docker-Content-Digest", found->digest.str()).with("ETag", etag);
    return reply;
}

/// A manifest is taken when all that it is made of is there: a tag never names half an image.
/// Foreign layers are somewhere else by their nature; a subject may come later (distribution-spec,
/// "Pushing Manifests with Subject").
void require_parts(Storage& storage,
                   const std::string& repository_name,
                   const Repositories& repositories,
                   const model::Manifest& manifest) {
    const auto require = [&](const model::Descriptor& part, bool present) {
        if (!present) {
            throw Refusal(400, code::kManifestBlobUnknown,
                          "the manifest needs " + part.digest.str() + ", which is not here yet");
        }
    };
    const auto require_blob = [&](const model::Descriptor& part) {
        const auto blob = storage.open_blob(part.digest);
        require(part, blob.has_value());
        if (blob->size != part.size) {
            throw Refusal(400, code::kSizeInvalid,
                          "the manifest says that " + part.digest.str() + " has " +
                              std::to_string(part.size) + " bytes; it has " +
                              std::to_string(blob->size));
        }
    };
    if (const auto* index = manifest.index()) {
        const auto repository = repositories.find(repository_name);
        for (const model::Descriptor& child : index->manifests) {
            const model::MediaKind kind = model::kind_of(child.media_type);
            if (kind == model::MediaKind::manifest || kind == model::MediaKind::index) {
                require(child, repository != repositories.end() &&
                                   repository->second.manifests.contains(child.digest));
            }
            require_blob(child);
        }
    }
    if (const auto* image = manifest.image()) {
        require_blob(image->config);
        for (const model::Descriptor& layer : image->layers) {
            if (model::kind_of(layer.media_type) != model::MediaKind::foreign_layer &&
                layer.urls.empty()) {
                require_blob(layer);
            }
        }
    }
}

model::Manifest parse_manifest(const std::string& bytes, const std::string& content_type) {
    try {
        model::Manifest manifest = model::Manifest::parse(bytes, content_type);
        if (manifest.schema1() == nullptr) {
            return manifest;
        }
    } catch (const base::Error& error) {
        throw Refusal(400, code::kManifestInvalid, error.message());
    }
    throw Refusal(400, code::kManifestInvalid, "Docker schema 1 manifests are not taken");
}

[[noreturn]] void throw_manifest_too_large() {
    throw Refusal(413, code::kManifestInvalid,
                  "a manifest may have " + base::human_size(model::kMaxManifestBytes));
}

class ManifestTaker final : public BodyTaker {
  public:
    ManifestTaker(const Context& context, std::optional<model::Digest> digest)
        : target_(context.target),
          storage_(context.storage),
          contents_(context.contents),
          content_type_(context.head.header("Content-Type").value_or(std::string_view{})),
          digest_(std::move(digest)) {}

    void take(std::span<const std::byte> bytes) override {
        if (bytes.size() > model::kMaxManifestBytes - bytes_.size()) {
            throw_manifest_too_large();
        }
        bytes_ += base::as_text(bytes);
    }

    Reply finish() override {
        const auto algorithm = digest_ ? *digest_->verifier() : base::HashAlgorithm::sha256;
        const model::Digest seen = model::Digest::of(algorithm, bytes_);
        if (digest_ && seen != *digest_) {
            throw Refusal(400, code::kDigestInvalid,
                          "the manifest that came has the digest " + seen.str());
        }
        const model::Manifest manifest = parse_manifest(bytes_, content_type_);
        require_parts(storage_, target_.repository, *contents_.now(), manifest);
        store(seen, manifest.media_type());
        return reply_for(seen, manifest);
    }

  private:
    void store(const model::Digest& digest, const std::string& media_type) {
        if (!storage_.open_blob(digest)) {
            auto blob = storage_.begin_blob();
            blob->append(base::as_bytes(bytes_));
            storage_.commit(std::move(blob), digest);
        }
        const ImageName name{target_.repository,
                             digest_ ? std::nullopt : std::optional(target_.item)};
        storage_.edit_index([&](nlohmann::ordered_json& index) {
            put_entry(index, contents_.default_repository(), name,
                      {digest, media_type, bytes_.size()});
        });
    }

    [[nodiscard]] Reply reply_for(const model::Digest& digest,
                                  const model::Manifest& manifest) const {
        Reply reply;
        reply.status = 201;
        reply.with("Location", "/v2/" + target_.repository + "/manifests/" + digest.str())
            .with("Docker-Content-Digest", digest.str());
        if (const auto subject = read_facts(manifest).subject) {
            reply.with("OCI-Subject", subject->str());
        }
        return reply;
    }

    Target target_;
    Storage& storage_;
    Contents& contents_;
    std::string content_type_;
    std::optional<model::Digest> digest_;
    std::string bytes_;
};

Outcome put_manifest(const Context& context) {
    const std::string& item = context.target.item;
    std::optional<model::Digest> digest;
    if (!model::is_valid_tag(item)) {
        digest = require_digest(item);
        if (!digest->verifier()) {
            throw Refusal(400, code::kDigestInvalid, "this registry verifies sha256 and sha512");
        }
    }
    if (context.head.content_length().value_or(0) > model::kMaxManifestBytes) {
        throw_manifest_too_large();
    }
    return std::make_unique<ManifestTaker>(context, std::move(digest));
}

void delete_tag(const Context& context) {
    bool removed = false;
    const Target& target = context.target;
    context.storage.edit_index([&](nlohmann::ordered_json& index) {
        while (remove_tag(index, context.contents.default_repository(),
                          {target.repository, target.item})) {
            removed = true;
        }
    });
    if (!removed) {
        throw_no_manifest(target);
    }
}

/// A child of an index that stays would still be there afterwards.
void refuse_child(const Context& context,
                  const Repository& repository,
                  const model::Digest& digest) {
    for (const auto& [parent, facts] : repository.manifests) {
        if (facts && std::any_of(facts->children.begin(), facts->children.end(),
                                 [&](const auto& child) { return child.digest == digest; })) {
            throw Refusal(405, code::kUnsupported,
                          "the manifest is part of " + context.target.repository + "@" +
                              parent.str() + ", which must be deleted first")
                .with("Allow", "GET, HEAD, PUT");
        }
    }
}

void delete_manifest(const Context& context, const model::Digest& digest) {
    const auto repositories = context.contents.now();
    const auto repository = repositories->find(context.target.repository);
    if (repository == repositories->end()) {
        throw Refusal(404, code::kNameUnknown, "no repository " + context.target.repository);
    }
    refuse_child(context, repository->second, digest);
    bool removed = false;
    context.storage.edit_index([&](nlohmann::ordered_json& index) {
        removed = remove_manifest(index, context.contents.default_repository(),
                                  context.target.repository, digest);
    });
    if (!removed) {
        throw_no_manifest(context.target);
    }
}

Reply delete_request(const Context& context) {
    if (model::is_valid_tag(context.target.item)) {
        delete_tag(context);
    } else {
        delete_manifest(context, require_digest(context.target.item));
    }
    Reply reply;
    reply.status = 202;
    return reply;
}

}  // namespace

Outcome manifest_request(const Context& context) {
    if (is_read(context.head.method)) {
        return read_manifest(context);
    }
    if (context.head.method == "PUT") {
        return put_manifest(context);
    }
    if (context.head.method == "DELETE") {
        return delete_request(context);
    }
    throw_method_not_allowed("GET, HEAD, PUT, DELETE");
}

}  // namespace regtool::serve
