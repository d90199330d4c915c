#include <algorithm>
#include <chrono>
#include <set>

#include "registry/pages.hpp"
#include "registry/referrers_list.hpp"
#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/registry_client.hpp"

namespace regtool::registry {

namespace {

using Descriptors = std::vector<model::Descriptor>;

constexpr std::size_t kMaxReferrers = 100'000;
constexpr int kMaxListWrites = 6;
constexpr std::chrono::milliseconds kShortestPause{50};
constexpr std::chrono::milliseconds kLongestPause{2000};

std::string what_of(const model::Repository& repository, const model::Digest& subject) {
    return "referrers of " + repository.familiar() + "@" + subject.str();
}

bool is_oci_index(const http::HttpResponse& response) {
    return model::essence(response.headers.get("Content-Type").value_or("")) ==
           model::media_type::kOciIndex;
}

/// An answer of a registry that knows no referrers: it says so in one of many ways (RFR-02).
bool api_absent(const http::HttpResponse& response) {
    switch (response.status) {
        case 400:
        case 404:
        case 405:
        case 406:
        case 501:
            return true;
        default:
            return response.status == 200 && !is_oci_index(response);
    }
}

/// Whether the registry has left out what has another type (RFR-05).
bool was_filtered(const http::HttpResponse& response) {
    for (const std::string_view line : response.headers.get_all("OCI-Filters-Applied")) {
        for (const std::string_view filter : base::split(line, ',')) {
            if (base::equals_ignore_case(base::trim(filter), "artifactType")) {
                return true;
            }
        }
    }
    return false;
}

Descriptors entries_of(const std::string& body, const std::string& what) {
    try {
        return model::Manifest::parse(body, model::media_type::kOciIndex).index()->manifests;
    } catch (base::Error& error) {
        error.prefix(what);
        throw;
    }
}

void keep_type(Descriptors& entries, std::string_view artifact_type) {
    if (!artifact_type.empty()) {
        std::erase_if(entries, [artifact_type](const model::Descriptor& entry) {
            return entry.artifact_type != artifact_type;
        });
    }
}

/// Throws RegistryError for something that is no list: it is not ours to overwrite (RFR-08).
ReferrersList parse_list(const http::HttpResponse& response, const model::Reference& tag) {
    const auto type = response.headers.get("Content-Type").value_or("");
    const bool is_index =
        response.ok() && model::Manifest::parse(response.body, type).index() != nullptr;
    if (!is_index) {
        throw base::RegistryError(
            tag.familiar() + " is no list of referrers, but something else; it stays as it is");
    }
    return ReferrersList::parse(response.body);
}

/// Whether a HEAD says that the tag is no longer what was read.
bool moved_since(const http::HttpResponse& before, const http::HttpResponse& now) {
    if (before.ok() != now.ok()) {
        return true;
    }
    const auto header = now.headers.get("Docker-Content-Digest");
    const auto digest = header ? model::Digest::try_parse(*header) : std::nullopt;
    const auto algorithm = digest ? digest->verifier() : std::nullopt;
    return before.ok() && algorithm && model::Digest::of(*algorithm, before.body) != *digest;
}

void pause(std::chrono::milliseconds wait,
           base::Clock& clock,
           base::Random& random,
           const std::stop_token& stop) {
    const auto jitter =
        std::chrono::duration_cast<std::chrono::milliseconds>(wait * random.uniform());
    if (!clock.sleep_for(wait + jitter, stop)) {
        throw base::Cancelled(base::ErrorKind::interrupted);
    }
}

/// How long after a write of ours that took `written` a write of another client, begun before ours
/// was to be seen, may still come.
std::chrono::milliseconds time_of_others(std::chrono::steady_clock::duration written) {
    return std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(2 * written),
                      kShortestPause, kLongestPause);
}

}  // namespace

std::vector<model::Descriptor> RegistryClient::referrers(const model::Repository& named,
                                                         const model::Digest& subject,
                                                         std::string_view artifact_type,
                                                         std::stop_token stop) {
    // A mirror holds only some: its list would be taken for the whole.
    const model::Repository repository = locate_ ? locate_(named).primary : named;
    if (auto found = referrers_by_api(repository, subject, artifact_type, stop)) {
        return std::move(*found);
    }
    const auto tag = model::Reference::parse(repository.str() + ":" + referrers_tag(subject));
    log_.info(what_of(repository, subject) + ": the registry has no such API; reading the tag " +
              *tag.tag());
    try {
        const model::Manifest list = manifest_at(tag, stop);
        Descriptors entries;
        if (list.index() != nullptr) {
            std::set<model::Digest> seen;
            std::copy_if(list.index()->manifests.begin(), list.index()->manifests.end(),
                         std::back_inserter(entries), [&seen](const model::Descriptor& entry) {
                             return seen.insert(entry.digest).second;
                         });
        }
        keep_type(entries, artifact_type);
        return entries;
    } catch (const base::NotFound&) {
        return {};  // RFR-04
    }
}

std::optional<std::vector<model::Descriptor>> RegistryClient::referrers_by_api(
    const model::Repository& repository,
    const model::Digest& subject,
    std::string_view artifact_type,
    const std::stop_token& stop) {
    const std::string what = what_of(repository, subject);
    http::HttpRequest request;
    request.url = endpoints_.base_url(repository.registry(), stop) + "/v2/" + repository.path() +
                  "/referrers/" + subject.str();
    if (!artifact_type.empty()) {
        request.url += "?artifactType=" + base::percent_encode(artifact_type);
    }
    request.headers.set("Accept", std::string(model::media_type::kOciIndex));
    request.scopes = {repository_scope(repository, "pull")};
    request.max_body_bytes = model::kMaxManifestBytes;

    std::optional<Descriptors> found;
    std::set<model::Digest> seen;
    const auto take = [&](const http::HttpResponse& response) {
        if (!found && api_absent(response)) {
            return PageTaken{0, false};
        }
        if (!response.ok() || !is_oci_index(response)) {
            throw_for_response(http::Method::get, response, what,
                               repository.str() + "@" + subject.str());
        }
        Descriptors entries = entries_of(response.body, what);
        const std::size_t listed = entries.size();
        if (!was_filtered(response)) {
            keep_type(entries, artifact_type);
        }
        found.emplace(found.value_or(Descriptors()));
        for (model::Descriptor& entry : entries) {
            if (seen.insert(entry.digest).second) {
                found->push_back(std::move(entry));
            }
        }
        if (found->size() > kMaxReferrers) {
            throw base::RegistryError(what + ": more than " + std::to_string(kMaxReferrers));
        }
        return PageTaken{listed, true};
    };
    follow_pages(http_, std::move(request), what, take, stop);
    return found;
}

void RegistryClient::list_referrer(const model::Repository& repository,
                                   const model::Manifest& manifest,
                                   const std::optional<http::HttpResponse>& put_answer,
                                   const std::stop_token& stop) {
    const model::Descriptor* subject = manifest.subject();
    if (subject == nullptr) {
        return;
    }
    if (!put_answer && referrers_by_api(repository, subject->digest, {}, stop)) {
        return;  // the answer that would have said so was lost
    }
    const auto confirmed = put_answer ? put_answer->headers.get("OCI-Subject") : std::nullopt;
    if (confirmed && *confirmed == subject->digest.str()) {
        return;
    }
    if (confirmed) {
        log_.warn(repository.familiar() + ": the registry took " +
                  base::printable(*confirmed, 200) + " for the subject of " +
                  manifest.digest().str() + ", which is " + subject->digest.str());
    }
    const auto tag =
        model::Reference::parse(repository.str() + ":" + referrers_tag(subject->digest));
    try {
        edit_referrers_list(
            tag, [&](ReferrersList& list) { return list.add(manifest.referrer_descriptor()); },
            stop);
    } catch (base::Error& error) {
        error.add_context("the manifest " + manifest.digest().str() +
                          " is stored, but not listed among the " +
                          what_of(repository, subject->digest));
        throw;
    }
}

void RegistryClient::forget_referrer(const model::Repository& repository,
                                     const model::Digest& subject,
                                     const model::Digest& referrer,
                                     std::stop_token stop) {
    const auto tag = model::Reference::parse(repository.str() + ":" + referrers_tag(subject));
    if (!referrers_by_api(repository, subject, {}, stop) && current(tag, stop)) {
        edit_referrers_list(
            tag, [&](ReferrersList& list) { return list.remove(referrer); }, stop);
    }
}

/// Reads the list, changes it and writes it back until a reading shows the change: a registry has
/// no lock, and another client may have written in between (RFR-08, RFR-09).
void RegistryClient::edit_referrers_list(const model::Reference& tag,
                                         const std::function<bool(ReferrersList&)>& edit,
                                         const std::stop_token& stop) {
    const std::lock_guard lock(referrers_lists_);
    const std::string base = endpoints_.base_url(tag.registry(), stop);
    const auto request = [&](http::Method method) {
        return manifest_request(method, base, tag.repository(), *tag.tag());
    };
    for (int writes = 0;; ++writes) {
        const http::HttpResponse before = http_.send(request(http::Method::get), stop);
        ReferrersList list;
        if (before.ok()) {
            list = parse_list(before, tag);
        } else if (before.status != 404) {
            throw_for_response(http::Method::get, before, "manifest " + tag.familiar(), tag.str());
        }
        if (!edit(list)) {
            return;
        }
        if (writes == kMaxListWrites) {
            throw base::RegistryError(tag.familiar() +
                                      ": other clients keep replacing the list of referrers");
        }
        http::HttpRequest put = request(http::Method::put);
        put.headers.set("Content-Type", std::string(model::media_type::kOciIndex));
        put.body = list.text();
        if (put.body.size() > model::kMaxManifestBytes) {
            throw base::RegistryError(tag.familiar() + ": the list of referrers would have " +
                                      std::to_string(put.body.size()) +
                                      " bytes, more than registries take");
        }
        // Few registries heed these; those that do answer 412.
        if (!before.ok()) {
            put.headers.set("If-None-Match", "*");
        } else if (const auto version = before.headers.get("ETag")) {
            put.headers.set("If-Match", std::string(*version));
        }
        if (moved_since(before, http_.send(request(http::Method::head), stop))) {
            pause(kShortestPause, clock_, random_, stop);
            continue;
        }
        const auto begun = clock_.monotonic();
        const http::HttpResponse after = http_.send(put, stop);
        if (!after.ok() && after.status != 412) {
            throw_for_response(http::Method::put, after, "put " + tag.familiar(), tag.str());
        }
        pause(time_of_others(clock_.monotonic() - begun), clock_, random_, stop);
    }
}

}  // namespace regtool::registry
