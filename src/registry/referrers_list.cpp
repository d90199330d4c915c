#include "registry/referrers_list.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/json.hpp"
#include "regtool/model/media_type.hpp"

namespace regtool::registry {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kEntries = "manifests";
constexpr std::size_t kMaxAlgorithmLength = 32;
constexpr std::size_t kMaxEncodedLength = 64;

std::string tag_part(std::string_view text, std::size_t most) {
    std::string part(text.substr(0, most));
    for (char& c : part) {
        const bool allowed = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                             (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
        c = allowed ? c : '-';
    }
    return part;
}

bool names(const Json& entry, const model::Digest& digest) {
    const auto found = entry.is_object() ? entry.find("digest") : entry.end();
    return entry.is_object() && found != entry.end() && *found == digest.str();
}

Json entry_of(const model::Descriptor& referrer) {
    Json entry;
    entry["mediaType"] = referrer.media_type;
    entry["digest"] = referrer.digest.str();
    entry["size"] = referrer.size;
    if (!referrer.artifact_type.empty()) {
        entry["artifactType"] = referrer.artifact_type;
    }
    if (!referrer.annotations.empty()) {
        entry["annotations"] = referrer.annotations;
    }
    return entry;
}

}  // namespace

std::string referrers_tag(const model::Digest& subject) {
    return tag_part(subject.algorithm(), kMaxAlgorithmLength) + "-" +
           tag_part(subject.encoded(), kMaxEncodedLength);
}

ReferrersList::ReferrersList() : document_(std::make_unique<Json>()) {
    (*document_)["schemaVersion"] = 2;
    (*document_)["mediaType"] = model::media_type::kOciIndex;
    (*document_)[kEntries] = Json::array();
}

ReferrersList::~ReferrersList() = default;
ReferrersList::ReferrersList(ReferrersList&&) noexcept = default;
ReferrersList& ReferrersList::operator=(ReferrersList&&) noexcept = default;

ReferrersList ReferrersList::parse(std::string_view text) {
    ReferrersList list;
    *list.document_ = base::parse_json(text, "list of referrers");
    Json& entries = (*list.document_)[kEntries];
    if (entries.is_null()) {
        entries = Json::array();
    }
    return list;
}

bool ReferrersList::add(const model::Descriptor& referrer) {
    Json& entries = (*document_)[kEntries];
    const bool listed = std::any_of(entries.begin(), entries.end(), [&](const Json& entry) {
        return names(entry, referrer.digest);
    });
    if (!listed) {
        entries.push_back(entry_of(referrer));
    }
    return !listed;
}

bool ReferrersList::remove(const model::Digest& referrer) {
    Json& entries = (*document_)[kEntries];
    const std::size_t before = entries.size();
    entries.erase(std::remove_if(entries.begin(), entries.end(),
                                 [&](const Json& entry) { return names(entry, referrer); }),
                  entries.end());
    return entries.size() != before;
}

std::string ReferrersList::text() const {
    return document_->dump();
}

}  // namespace regtool::registry
