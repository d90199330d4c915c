#include "regtool/ops/deleter.hpp"

#include <algorithm>

#include "regtool/base/error.hpp"
#include "regtool/model/media_type.hpp"
#include "small_blob.hpp"

namespace regtool::ops {

namespace {

/// More tags than this are not resolved: two hundred requests a second make it a minute.
constexpr std::size_t kMaxTags = 10'000;
/// Indexes under other tags that are read to see whether they list the manifest.
constexpr std::size_t kMaxIndexesRead = 200;

constexpr int kBadRequest = 400;
constexpr int kMethodNotAllowed = 405;
constexpr int kNotImplemented = 501;

model::Reference at_digest(const model::Reference& reference, const model::Digest& digest) {
    return model::Reference::parse(reference.repository().str() + "@" + digest.str());
}

/// Deletes by digest. A 404 of what was just read means that it is gone, by an earlier attempt
/// whose answer was lost, or by somebody else (DEL-07).
void delete_by_digest(registry::RegistryClient& registry,
                      const model::Reference& reference,
                      const std::stop_token& stop) {
    try {
        registry.delete_manifest(reference, stop);
    } catch (const base::NotFound&) {
        if (registry.manifest_head(reference, stop)) {
            throw base::RegistryError(reference.familiar() +
                                      ": the registry says that there is no such manifest, and "
                                      "yet has it");
        }
    } catch (base::RegistryError& error) {
        const int status = error.facts().http_status;
        if (status == kMethodNotAllowed || status == kNotImplemented) {
            error.add_context("this registry does not let clients delete manifests");
        }
        throw;
    }
}

/// The tags of a repository, or why they are not known.
std::vector<std::string> all_tags(registry::RegistryClient& registry,
                                  const model::Repository& repository,
                                  std::string& unknown,
                                  const std::stop_token& stop) {
    std::vector<std::string> tags;
    try {
        registry.tags(
            repository, {},
            [&](const std::vector<std::string>& page) {
                const std::size_t room = kMaxTags - tags.size();
                if (page.size() > room) {
                    unknown = "only the first " + std::to_string(kMaxTags) + " tags were looked at";
                }
                tags.insert(
                    tags.end(), page.begin(),
                    page.begin() + static_cast<std::ptrdiff_t>(std::min(room, page.size())));
                return unknown.empty();
            },
            stop);
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        unknown = "the tags could not be listed: " + error.message();
    }
    return tags;
}

/// A manifest that nothing else is: it may be deleted without a loss.
model::Manifest dummy_manifest(registry::RegistryClient& registry,
                               base::Random& random,
                               const model::Repository& repository,
                               const std::stop_token& stop) {
    const model::Digest digest =
        put_small_blob(registry, repository, std::string(kEmptyConfig), stop);
    const std::string number = std::to_string(random.uniform()) + std::to_string(random.uniform());
    const std::string type(model::media_type::kOciManifest);
    const std::string empty = R"({"mediaType":")" + std::string(model::media_type::kOciEmpty) +
                              R"(","digest":")" + digest.str() + R"(","size":2,"data":"e30="})";
    return model::Manifest::parse(
        R"({"schemaVersion":2,"mediaType":")" + type +
            R"(","artifactType":"application/vnd.regtool.removed-tag.v1","config":)" + empty +
            R"(,"layers":[)" + empty + R"(],"annotations":{"number":")" + number + "\"}}",
        type);
}

void untag_by_dummy(registry::RegistryClient& registry,
                    base::Random& random,
                    const model::Reference& reference,
                    const std::stop_token& stop) {
    const model::Manifest before = registry.manifest(reference, stop);
    const model::Manifest dummy = dummy_manifest(registry, random, reference.repository(), stop);
    registry.put_manifest(reference, dummy, stop);
    try {
        delete_by_digest(registry, at_digest(reference, dummy.digest()), stop);
    } catch (base::Error& error) {
        registry.put_manifest(reference, before, {});
        error.add_context("the tag stands again for " + before.digest().str());
        throw;
    }
}

base::RegistryError no_tag_deletion(const model::Reference& reference, int status) {
    base::RegistryError error("untag " + reference.familiar() +
                                  ": this registry does not delete tags; nothing was changed",
                              status);
    error.facts().reference = reference.str();
    error.set_hint("regtool delete --untag --by-dummy " + reference.familiar());
    return error;
}

void untag_plainly(registry::RegistryClient& registry,
                   const model::Reference& reference,
                   const std::stop_token& stop) {
    try {
        registry.delete_manifest(reference, stop);
    } catch (const base::NotFound&) {  // NOLINT(bugprone-empty-catch)
        // It was there a moment ago: see whether it still is.
    } catch (const base::Error& error) {
        const int status = error.facts().http_status;
        // Debian's docker-registry takes the tag for a malformed digest.
        if (status != kBadRequest && status != kMethodNotAllowed && status != kNotImplemented) {
            throw;
        }
        base::RegistryError refused = no_tag_deletion(reference, status);
        for (const std::string& line : error.context()) {
            refused.add_context(line);
        }
        throw refused;
    }
    if (registry.manifest_head(reference, stop)) {
        throw no_tag_deletion(reference, 0);
    }
}

}  // namespace

ManifestDeletion::ManifestDeletion(registry::RegistryClient& registry, model::Reference reference)
    : registry_(registry), reference_(std::move(reference)) {}

DeleteReport ManifestDeletion::plan(std::stop_token stop) {
    manifest_ = registry_.manifest(reference_, stop);
    const model::Digest digest = reference_.digest().value_or(manifest_->digest());
    reference_ = at_digest(reference_, digest);
    report_ = {};
    report_.reference = reference_.familiar();
    report_.digest = digest.str();
    find_tags(stop);
    find_referrers(stop);
    return report_;
}

void ManifestDeletion::find_tags(const std::stop_token& stop) {
    const auto tags = all_tags(registry_, reference_.repository(), report_.tags_unknown, stop);
    std::vector<model::Reference> places;
    places.reserve(tags.size());
    for (const std::string& tag : tags) {
        places.push_back(model::Reference::parse(reference_.repository().str() + ":" + tag));
    }
    std::vector<std::pair<std::string, model::Descriptor>> indexes;
    std::size_t unresolved = 0;
    registry_.resolve_many(
        places,
        [&](const registry::RegistryClient::Resolved& resolved) {
            const auto* at = std::get_if<model::Descriptor>(&resolved.result);
            if (at == nullptr) {
                ++unresolved;
            } else if (at->digest == reference_.digest()) {
                report_.tags.push_back(tags[resolved.index]);
            } else if (model::kind_of(at->media_type) == model::MediaKind::index) {
                indexes.emplace_back(tags[resolved.index], *at);
            }
        },
        stop);
    if (unresolved > 0 && report_.tags_unknown.empty()) {
        report_.tags_unknown = std::to_string(unresolved) + " tags could not be resolved";
    }
    std::sort(report_.tags.begin(), report_.tags.end());
    if (indexes.size() > kMaxIndexesRead) {
        report_.unknown.push_back("only " + std::to_string(kMaxIndexesRead) + " of " +
                                  std::to_string(indexes.size()) +
                                  " indexes were looked into for it");
        indexes.erase(indexes.begin() + kMaxIndexesRead, indexes.end());
    }
    for (const auto& [tag, at] : indexes) {
        look_into(tag, at, stop);
    }
    std::sort(report_.used_by.begin(), report_.used_by.end());
}

void ManifestDeletion::look_into(const std::string& tag,
                                 const model::Descriptor& at,
                                 const std::stop_token& stop) {
    try {
        const model::Manifest index = registry_.manifest(reference_.repository(), at, stop);
        const auto& children = index.index()->manifests;
        if (std::any_of(children.begin(), children.end(), [this](const model::Descriptor& child) {
                return child.digest == reference_.digest();
            })) {
            report_.used_by.push_back(tag);
        }
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        report_.unknown.push_back("whether the index " + tag + " lists it: " + error.message());
    }
}

void ManifestDeletion::find_referrers(const std::stop_token& stop) {
    try {
        for (const model::Descriptor& entry :
             registry_.referrers(reference_.repository(), *reference_.digest(), "", stop)) {
            report_.referrers.push_back(entry.digest.str());
        }
    } catch (const base::Cancelled&) {
        throw;
    } catch (const base::Error& error) {
        report_.unknown.push_back("what refers to it: " + error.message());
    }
}

DeleteReport ManifestDeletion::run(std::stop_token stop) {
    delete_by_digest(registry_, reference_, stop);
    report_.deleted = true;
    if (const model::Descriptor* subject = manifest_->subject()) {
        try {
            registry_.forget_referrer(reference_.repository(), subject->digest,
                                      *reference_.digest(), stop);
        } catch (base::Error& error) {
            error.add_context(reference_.familiar() +
                              " is deleted, but still listed among the referrers of " +
                              subject->digest.str());
            throw;
        }
    }
    return report_;
}

DeleteReport untag(registry::RegistryClient& registry,
                   base::Random& random,
                   const model::Reference& reference,
                   Untagging how,
                   std::stop_token stop) {
    DeleteReport report;
    report.reference = reference.familiar();
    report.digest = registry.resolve(reference, stop).digest.str();
    report.tags = {*reference.tag()};
    if (how == Untagging::by_dummy) {
        untag_by_dummy(registry, random, reference, stop);
    } else {
        untag_plainly(registry, reference, stop);
    }
    report.deleted = true;
    return report;
}

}  // namespace regtool::ops
