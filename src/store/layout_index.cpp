#include "regtool/store/layout_index.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "store/json_array.hpp"

namespace regtool::store {

namespace {

using Json = nlohmann::ordered_json;

LayoutIndex::Entry entry_of(std::string text, const std::string& where) {
    model::Descriptor descriptor = model::parse_descriptor(base::parse_json(text, where), where);
    return {std::move(descriptor), std::move(text)};
}

/// An entry as this program writes it.
LayoutIndex::Entry new_entry(const model::Descriptor& descriptor, const std::string& name) {
    Json json{{"mediaType", descriptor.media_type},
              {"digest", descriptor.digest.str()},
              {"size", descriptor.size}};
    if (!descriptor.artifact_type.empty()) {
        json["artifactType"] = descriptor.artifact_type;
    }
    if (!name.empty()) {
        json["annotations"] = {{std::string(kRefName), name}};
    }
    return entry_of(json.dump(), "index.json");
}

/// The entry with another name, or with none at all.
LayoutIndex::Entry renamed(const LayoutIndex::Entry& entry, const std::string& name) {
    Json json = base::parse_json(entry.text, "index.json");
    Json& annotations = json["annotations"];
    if (!annotations.is_object()) {
        annotations = Json::object();
    }
    annotations.erase(std::string(kRefName));
    if (name.empty()) {
        annotations.erase(std::string(kContainerdName));
    } else {
        annotations[std::string(kRefName)] = name;
    }
    if (annotations.empty()) {
        json.erase("annotations");
    }
    return entry_of(json.dump(), "index.json");
}

}  // namespace

std::string LayoutIndex::Entry::ref_name() const {
    const auto found = descriptor.annotations.find(std::string(kRefName));
    return found == descriptor.annotations.end() ? std::string() : found->second;
}

std::string LayoutIndex::Entry::full_name() const {
    const auto found = descriptor.annotations.find(std::string(kContainerdName));
    return found == descriptor.annotations.end() ? std::string() : found->second;
}

LayoutIndex::LayoutIndex()
    : head_(R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",)"
            R"("manifests":[)"),
      tail_("]}") {}

LayoutIndex LayoutIndex::parse(const std::string& text, const std::string& where) {
    const Json json = base::parse_json(text, where);
    if (!json.is_object()) {
        throw base::InvalidDocument(where + ": must be a JSON object");
    }
    LayoutIndex index;
    ArrayCut cut;
    try {
        cut = cut_array(text, "manifests");
    } catch (base::InvalidDocument& error) {
        error.prefix(where);
        throw;
    }
    index.head_ = std::move(cut.head);
    index.tail_ = std::move(cut.tail);
    for (std::string& element : cut.elements) {
        const std::string place =
            where + ": manifests[" + std::to_string(index.entries_.size()) + "]";
        index.entries_.push_back(entry_of(std::move(element), place));
    }
    return index;
}

const LayoutIndex::Entry* LayoutIndex::named(std::string_view name) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [name](const Entry& entry) {
        return entry.ref_name() == name;
    });
    return found == entries_.end() ? nullptr : &*found;
}

void LayoutIndex::add(const model::Descriptor& descriptor) {
    const bool listed = std::any_of(
        entries_.begin(), entries_.end(),
        [&descriptor](const Entry& entry) { return entry.descriptor.digest == descriptor.digest; });
    if (!listed) {
        entries_.push_back(new_entry(descriptor, ""));
    }
}

void LayoutIndex::set_name(const std::string& name,
                           const model::Descriptor& descriptor,
                           const std::function<bool(const model::Descriptor&)>& stays) {
    bool done = false;
    std::vector<Entry> kept;
    for (Entry& entry : entries_) {
        const bool same = entry.descriptor.digest == descriptor.digest;
        if (entry.ref_name() == name) {
            if (same && !done) {
                done = true;
                kept.push_back(std::move(entry));
            } else if (!same && stays(entry.descriptor)) {
                kept.push_back(renamed(entry, ""));
            }
        } else {
            kept.push_back(std::move(entry));
        }
    }
    entries_ = std::move(kept);
    if (done) {
        return;
    }
    const auto unnamed =
        std::find_if(entries_.begin(), entries_.end(), [&descriptor](const Entry& entry) {
            return entry.descriptor.digest == descriptor.digest && entry.ref_name().empty();
        });
    if (unnamed != entries_.end()) {
        *unnamed = renamed(*unnamed, name);
    } else {
        entries_.push_back(new_entry(descriptor, name));
    }
}

void LayoutIndex::remove(const model::Digest& digest) {
    std::erase_if(entries_,
                  [&digest](const Entry& entry) { return entry.descriptor.digest == digest; });
}

void LayoutIndex::remove_name(std::string_view name) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        if (entry->ref_name() != name && entry->full_name() != name) {
            ++entry;
            continue;
        }
        const auto listings =
            std::count_if(entries_.begin(), entries_.end(), [entry](const Entry& other) {
                return other.descriptor.digest == entry->descriptor.digest;
            });
        if (listings > 1) {
            entry = entries_.erase(entry);
        } else {
            *entry = renamed(*entry, "");
            ++entry;
        }
    }
}

std::string LayoutIndex::text() const {
    std::string text = head_;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        text += (i == 0 ? "" : ",") + entries_[i].text;
    }
    return text + tail_;
}

}  // namespace regtool::store
