#include "serve/image_name.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/model/reference.hpp"
#include "regtool/store/layout_index.hpp"

namespace regtool::serve {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRefName = store::kRefName.data();
constexpr const char* kContainerdName = store::kContainerdName.data();
constexpr const char* kRepository = "regtool.repository";

std::string annotation(const Json& entry, const char* name) {
    if (!entry.is_object() || !entry.contains("annotations") || !entry["annotations"].is_object()) {
        return {};
    }
    const Json& annotations = entry["annotations"];
    const auto found = annotations.find(name);
    return found != annotations.end() && found->is_string() ? found->get<std::string>()
                                                            : std::string();
}

std::string text_member(const Json& entry, const char* name) {
    if (!entry.is_object() || !entry.contains(name) || !entry[name].is_string()) {
        return {};
    }
    return entry[name].get<std::string>();
}

/// The rule by which the first part of a name is a registry's host (REF-01).
bool begins_with_host(std::string_view name) {
    const std::size_t slash = name.find('/');
    const std::string_view first = name.substr(0, slash);
    return slash != std::string_view::npos &&
           (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
}

/// "team/app:v1", with or without a host.
std::optional<ImageName> parse_full_name(std::string_view name) {
    if (begins_with_host(name)) {
        const auto reference = model::Reference::try_parse(name);
        if (!reference || !reference->tag()) {
            return std::nullopt;
        }
        return ImageName{reference->repository().path(), reference->tag()};
    }
    const std::size_t colon = name.rfind(':');
    if (colon == std::string_view::npos ||
        !model::is_valid_repository_path(name.substr(0, colon)) ||
        !model::is_valid_tag(name.substr(colon + 1))) {
        return std::nullopt;
    }
    return ImageName{std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))};
}

bool points_at(const Json& entry, const model::Digest& digest) {
    return text_member(entry, "digest") == digest.str();
}

/// Belongs to `repository` from now on, without a tag.
void make_nameless(Json& entry,
                   const std::string& default_repository,
                   const std::string& repository) {
    Json annotations = Json::object();
    if (entry.contains("annotations") && entry["annotations"].is_object()) {
        annotations = std::move(entry["annotations"]);
    }
    annotations.erase(kRefName);
    annotations.erase(kContainerdName);
    if (repository != default_repository) {
        annotations[kRepository] = repository;
    }
    entry.erase("annotations");
    if (!annotations.empty()) {
        entry["annotations"] = std::move(annotations);
    }
}

Json make_entry(const NewEntry& entry) {
    return Json{
        {"mediaType", entry.media_type}, {"digest", entry.digest.str()}, {"size", entry.size}};
}

std::size_t count_in_repository(const Json& entries,
                                const std::string& default_repository,
                                const std::string& repository,
                                const model::Digest& digest) {
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [&](const Json& entry) {
            const auto name = name_of_entry(entry, default_repository);
            return name && name->repository == repository && points_at(entry, digest);
        }));
}

/// The position of the entry that a tag resolves to: the last one of its name.
std::optional<std::size_t> find_tag(const Json& entries,
                                    const std::string& default_repository,
                                    const ImageName& name) {
    for (std::size_t i = entries.size(); i-- > 0;) {
        if (name_of_entry(entries[i], default_repository) == name) {
            return i;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<ImageName> name_of_entry(const Json& entry, const std::string& default_repository) {
    const std::string ref_name = annotation(entry, kRefName);
    const std::string containerd_name = annotation(entry, kContainerdName);
    if (ref_name.empty() || model::is_valid_tag(ref_name)) {
        // containerd and buildx give the tag alone in one and the whole name in the other.
        if (auto full = parse_full_name(containerd_name)) {
            return full;
        }
    }
    if (!ref_name.empty()) {
        return model::is_valid_tag(ref_name) ? ImageName{default_repository, ref_name}
                                             : parse_full_name(ref_name);
    }
    const std::string repository = annotation(entry, kRepository);
    return ImageName{model::is_valid_repository_path(repository) ? repository : default_repository,
                     std::nullopt};
}

std::string repository_of_folder(std::string_view folder_name) {
    constexpr std::size_t kLongest = 128;
    std::string name;
    for (const char c : base::to_lower(folder_name).substr(0, kLongest)) {
        const bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (alnum) {
            name += c;
        } else if (!name.empty() && name.back() != '-') {
            name += c == '.' || c == '_' ? c : '-';
        }
    }
    while (!name.empty() && (name.back() == '-' || name.back() == '.' || name.back() == '_')) {
        name.pop_back();
    }
    return model::is_valid_repository_path(name) ? name : "images";
}

void put_entry(Json& index,
               const std::string& default_repository,
               const ImageName& name,
               const NewEntry& entry) {
    Json& entries = index["manifests"];
    const std::string& repository = name.repository;
    if (!name.tag) {
        if (count_in_repository(entries, default_repository, repository, entry.digest) == 0) {
            Json made = make_entry(entry);
            make_nameless(made, default_repository, repository);
            entries.push_back(std::move(made));
        }
        return;
    }
    std::string spelling = repository + ":" + *name.tag;
    if (const auto position = find_tag(entries, default_repository, name)) {
        if (points_at(entries[*position], entry.digest)) {
            return;
        }
        // A name keeps its spelling, so that the tool that wrote it finds it again.
        const std::string old = annotation(entries[*position], kRefName);
        const Json spelt{{"annotations", {{kRefName, old}}}};
        if (name_of_entry(spelt, default_repository) == name) {
            spelling = old;
        }
    }
    while (remove_tag(index, default_repository, name)) {
    }
    // A nameless entry of this manifest gets the name: one entry is enough.
    for (Json& candidate : entries) {
        if (points_at(candidate, entry.digest) &&
            name_of_entry(candidate, default_repository) == ImageName{repository, std::nullopt}) {
            Json& annotations = candidate["annotations"];
            if (!annotations.is_object()) {
                annotations = Json::object();
            }
            annotations[kRefName] = spelling;
            annotations.erase(kRepository);
            return;
        }
    }
    Json made = make_entry(entry);
    made["annotations"][kRefName] = spelling;
    entries.push_back(std::move(made));
}

bool remove_tag(Json& index, const std::string& default_repository, const ImageName& name) {
    Json& entries = index["manifests"];
    const auto position = find_tag(entries, default_repository, name);
    if (!position) {
        return false;
    }
    Json& entry = entries[*position];
    const auto digest = model::Digest::try_parse(text_member(entry, "digest"));
    if (!digest || count_in_repository(entries, default_repository, name.repository, *digest) > 1) {
        entries.erase(*position);
    } else {
        make_nameless(entry, default_repository, name.repository);
    }
    return true;
}

bool remove_manifest(Json& index,
                     const std::string& default_repository,
                     const std::string& repository,
                     const model::Digest& digest) {
    Json& entries = index["manifests"];
    Json kept = Json::array();
    for (Json& entry : entries) {
        const auto name = name_of_entry(entry, default_repository);
        if (!name || name->repository != repository || !points_at(entry, digest)) {
            kept.push_back(std::move(entry));
        }
    }
    const bool removed = kept.size() != entries.size();
    entries = std::move(kept);
    return removed;
}

}  // namespace regtool::serve
