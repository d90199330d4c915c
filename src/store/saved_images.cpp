#include "store/saved_images.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/manifest.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::store {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxImages = model::kMaxIndexEntries;
constexpr std::size_t kMaxLayersInAll = 100'000;

std::string text_member(const Json& json, const char* name, const std::string& where) {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) {
        throw base::InvalidDocument(where + ": " + name + " is not a text");
    }
    return found->get<std::string>();
}

/// Absent and null are the empty list.
std::vector<std::string> list_member(const Json& json, const char* name, const std::string& where) {
    std::vector<std::string> list;
    const auto found = json.find(name);
    if (found == json.end() || found->is_null()) {
        return list;
    }
    if (!found->is_array()) {
        throw base::InvalidDocument(where + ": " + name + " is not a list");
    }
    for (const Json& element : *found) {
        if (!element.is_string()) {
            throw base::InvalidDocument(where + ": " + name + " holds what is not a text");
        }
        list.push_back(element.get<std::string>());
    }
    return list;
}

}  // namespace

std::vector<SavedImage> parse_saved_images(const std::string& text, const std::string& where) {
    const Json json = base::parse_json(text, where);
    if (!json.is_array() || json.empty()) {
        throw base::InvalidDocument(where + " lists no images");
    }
    if (json.size() > kMaxImages) {
        throw base::IntegrityError(where + " lists more than " + std::to_string(kMaxImages) +
                                   " images: refused");
    }
    std::vector<SavedImage> images;
    std::size_t layers = 0;
    for (const Json& entry : json) {
        const std::string place = where + "[" + std::to_string(images.size()) + "]";
        if (!entry.is_object()) {
            throw base::InvalidDocument(place + " is not an object");
        }
        images.push_back({text_member(entry, "Config", place),
                          list_member(entry, "RepoTags", place),
                          list_member(entry, "Layers", place)});
        layers += images.back().layers.size();
        if (images.back().layers.size() > model::kMaxLayers || layers > kMaxLayersInAll) {
            throw base::IntegrityError(place + " lists too many layers: refused");
        }
    }
    return images;
}

std::string saved_images_text(const std::vector<SavedImage>& images) {
    Json list = Json::array();
    for (const SavedImage& image : images) {
        Json entry{{"Config", image.config}, {"RepoTags", nullptr}, {"Layers", image.layers}};
        if (!image.tags.empty()) {
            entry["RepoTags"] = image.tags;
        }
        list.push_back(std::move(entry));
    }
    return list.dump();
}

std::string repositories_text(const std::vector<SavedImage>& images) {
    Json repositories = Json::object();
    for (const SavedImage& image : images) {
        for (const std::string& name : image.tags) {
            const auto reference = model::Reference::try_parse(name);
            if (!reference || !reference->tag() || image.layers.empty()) {
                continue;
            }
            const std::string& top = image.layers.back();
            repositories[reference->repository().familiar()][*reference->tag()] =
                top.substr(top.rfind('/') + 1);
        }
    }
    return repositories.dump();
}

}  // namespace regtool::store
