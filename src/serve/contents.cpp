#include "serve/contents.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "serve/image_name.hpp"
#include "store/safe_open.hpp"

namespace regtool::serve {

Contents::Contents(Storage& storage, std::string default_repository, base::Log& log)
    : storage_(storage), default_repository_(std::move(default_repository)), log_(log) {}

std::shared_ptr<const Repositories> Contents::now() {
    return state_.with([this](State& state) {
        const IndexState index = storage_.index(state.stamp);
        if (!state.repositories || index.stamp != state.stamp) {
            FactsByDigest facts;
            state.repositories = build(index.text, state.facts, facts);
            state.facts = std::move(facts);
            state.stamp = index.stamp;
        }
        return state.repositories;
    });
}

std::optional<std::string> Contents::manifest_bytes(const model::Digest& digest) const {
    const auto blob = storage_.open_blob(digest);
    if (!blob || blob->size > model::kMaxManifestBytes) {
        return std::nullopt;
    }
    return store::read_small(blob->fd, model::kMaxManifestBytes, digest.str());
}

std::shared_ptr<const ManifestFacts> Contents::read(const model::Digest& digest,
                                                    const std::string& media_type) const {
    std::optional<std::string> bytes = manifest_bytes(digest);
    if (!bytes) {
        return nullptr;
    }
    try {
        return std::make_shared<const ManifestFacts>(
            read_facts(model::Manifest::parse(std::move(*bytes), {}, media_type)));
    } catch (const base::Error& error) {  // one broken manifest does not hide the others
        log_.warn(digest.str() + " is not served as a manifest: " + error.message());
        return nullptr;
    }
}

void Contents::add_manifest(Repository& repository,
                            const model::Descriptor& top,
                            const FactsByDigest& known,
                            FactsByDigest& facts) const {
    // A list in place of recursion: a layout may nest as deep as it likes.
    std::vector<model::Descriptor> waiting{top};
    while (!waiting.empty()) {
        const model::Descriptor next = std::move(waiting.back());
        waiting.pop_back();
        const auto [place, added] = repository.manifests.emplace(next.digest, nullptr);
        if (!added) {
            continue;
        }
        auto& read_now = facts[next.digest];
        if (!read_now) {
            const auto before = known.find(next.digest);
            read_now = before != known.end() && before->second ? before->second
                                                               : read(next.digest, next.media_type);
        }
        place->second = read_now;
        if (!read_now) {
            continue;
        }
        for (const model::Descriptor& child : read_now->children) {
            const model::MediaKind kind = model::kind_of(child.media_type);
            if (kind == model::MediaKind::manifest || kind == model::MediaKind::index) {
                waiting.push_back(child);
            }
        }
    }
}

std::shared_ptr<const Repositories> Contents::build(const std::string& text,
                                                    const FactsByDigest& known,
                                                    FactsByDigest& facts) const {
    const nlohmann::ordered_json index = parse_layout_index(text);
    auto repositories = std::make_shared<Repositories>();
    for (const nlohmann::ordered_json& entry : index["manifests"]) {
        const auto name = name_of_entry(entry, default_repository_);
        if (!name) {
            continue;  // a name that a registry cannot have
        }
        try {
            model::Descriptor descriptor = model::parse_descriptor(entry, "index.json");
            Repository& repository = (*repositories)[name->repository];
            add_manifest(repository, descriptor, known, facts);
            if (name->tag) {
                repository.tags.insert_or_assign(*name->tag, std::move(descriptor));
            }
        } catch (const base::Error& error) {
            log_.warn("an entry of index.json is left out: " + error.message());
        }
    }
    return repositories;
}

ManifestFacts read_facts(const model::Manifest& manifest) {
    ManifestFacts facts;
    facts.media_type = manifest.media_type();
    facts.size = manifest.bytes().size();
    if (const auto* index = manifest.index()) {
        facts.children = index->manifests;
        facts.artifact_type = index->artifact_type;
        facts.annotations = index->annotations;
        if (index->subject) {
            facts.subject = index->subject->digest;
        }
        return facts;
    }
    if (const auto* image = manifest.image()) {
        facts.blobs.push_back(image->config.digest);
        for (const model::Descriptor& layer : image->layers) {
            facts.blobs.push_back(layer.digest);
        }
        facts.artifact_type =
            image->artifact_type.empty() ? image->config.media_type : image->artifact_type;
        facts.annotations = image->annotations;
        if (image->subject) {
            facts.subject = image->subject->digest;
        }
        return facts;
    }
    throw base::InvalidDocument("Docker schema 1 manifests are not served");
}

std::optional<std::string> holder_of(const Repositories& repositories,
                                     const model::Digest& digest) {
    for (const auto& [name, repository] : repositories) {
        for (const auto& [holder, facts] : repository.manifests) {
            if (holder == digest) {
                return name + "@" + holder.str();
            }
            if (facts && (std::find(facts->blobs.begin(), facts->blobs.end(), digest) !=
                              facts->blobs.end() ||
                          std::any_of(facts->children.begin(), facts->children.end(),
                                      [&](const auto& child) { return child.digest == digest; }))) {
                return name + "@" + holder.str();
            }
        }
    }
    return std::nullopt;
}

}  // namespace regtool::serve
