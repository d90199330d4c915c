#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "serve/handler.hpp"

namespace regtool::serve {

namespace {

using Json = nlohmann::ordered_json;

/// Entries of one page at most, also of one that asks for more.
constexpr std::uint64_t kMostEntries = 1000;

void require_read(const Context& context) {
    if (!is_read(context.head.method)) {
        throw_method_not_allowed("GET, HEAD");
    }
}

/// `n` and `last` (distribution-spec, "Listing Tags").
struct Paging {
    std::uint64_t count = kMostEntries;
    std::string last;
};

Paging paging_of(const Target& target) {
    Paging paging;
    if (const auto text = target.parameter("n")) {
        const auto count = base::parse_decimal(*text);
        if (!count) {
            throw Refusal(400, code::kPaginationInvalid, "n must be a number, 0 or greater");
        }
        paging.count = std::min(*count, kMostEntries);
    }
    paging.last = target.parameter("last").value_or(std::string_view{});
    return paging;
}

/// The keys of a map that come after `last`, as many as are wanted, and the Link to the rest.
template <class Map>
Json page_of(const Map& map, const Paging& paging, const std::string& path, std::string& link) {
    Json names = Json::array();
    auto place = paging.last.empty() ? map.begin() : map.upper_bound(paging.last);
    for (; place != map.end() && names.size() < paging.count; ++place) {
        names.push_back(place->first);
    }
    if (place != map.end() && !names.empty()) {
        link = "<" + path + "?n=" + std::to_string(paging.count) +
               "&last=" + base::percent_encode(names.back().template get<std::string>()) +
               ">; rel=\"next\"";
    }
    return names;
}

Reply listing_reply(const Json& document, const std::string& link) {
    Reply reply = json_reply(document.dump(), "application/json");
    if (!link.empty()) {
        reply.with("Link", link);
    }
    return reply;
}

Json referrer_entry(const model::Digest& digest, const ManifestFacts& facts) {
    Json entry{{"mediaType", facts.media_type}, {"digest", digest.str()}, {"size", facts.size}};
    if (!facts.artifact_type.empty()) {
        entry["artifactType"] = facts.artifact_type;
    }
    if (!facts.annotations.empty()) {
        entry["annotations"] = facts.annotations;
    }
    return entry;
}

}  // namespace

Reply tags_request(const Context& context) {
    require_read(context);
    const Target& target = context.target;
    const Paging paging = paging_of(target);
    const auto repositories = context.contents.now();
    const auto repository = repositories->find(target.repository);
    if (repository == repositories->end()) {
        throw Refusal(404, code::kNameUnknown, "no repository " + target.repository);
    }
    std::string link;
    const Json tags =
        page_of(repository->second.tags, paging, "/v2/" + target.repository + "/tags/list", link);
    return listing_reply({{"name", target.repository}, {"tags", tags}}, link);
}

Reply catalog_request(const Context& context) {
    require_read(context);
    const Paging paging = paging_of(context.target);
    std::string link;
    const Json names = page_of(*context.contents.now(), paging, "/v2/_catalog", link);
    return listing_reply({{"repositories", names}}, link);
}

Reply referrers_request(const Context& context) {
    require_read(context);
    const Target& target = context.target;
    const model::Digest subject = require_digest(target.item);
    const auto wanted_type = target.parameter("artifactType");
    const std::string last(target.parameter("last").value_or(std::string_view{}));
    Json entries = Json::array();
    std::string link;
    const auto repositories = context.contents.now();
    if (const auto repository = repositories->find(target.repository);
        repository != repositories->end()) {
        for (const auto& [digest, facts] : repository->second.manifests) {
            if (!facts || facts->subject != subject || digest.str() <= last ||
                (wanted_type && facts->artifact_type != *wanted_type)) {
                continue;
            }
            if (entries.size() == kMostEntries) {
                link = "</v2/" + target.repository + "/referrers/" + subject.str() +
                       "?last=" + base::percent_encode(entries.back()["digest"].get<std::string>());
                if (wanted_type) {
                    link += "&artifactType=" + base::percent_encode(*wanted_type);
                }
                link += ">; rel=\"next\"";
                break;
            }
            entries.push_back(referrer_entry(digest, *facts));
        }
    }
    const Json index{{"schemaVersion", 2},
                     {"mediaType", model::media_type::kOciIndex},
                     {"manifests", std::move(entries)}};
    Reply reply = json_reply(index.dump(), model::media_type::kOciIndex);
    if (wanted_type) {
        reply.with("OCI-Filters-Applied", "artifactType");
    }
    if (!link.empty()) {
        reply.with("Link", link);
    }
    return reply;
}

}  // namespace regtool::serve
