#include "serve/storage.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/store/layout_index.hpp"
#include "serve/refusal.hpp"

namespace regtool::serve {

std::string empty_layout_index() {
    return store::LayoutIndex().text();
}

nlohmann::ordered_json parse_layout_index(const std::string& text) {
    nlohmann::ordered_json index = base::parse_json(text, "index.json");
    if (!index.is_object()) {
        throw base::InvalidDocument("index.json: must be a JSON object");
    }
    if (!index.contains("manifests") || index["manifests"].is_null()) {
        index["manifests"] = nlohmann::ordered_json::array();
    }
    if (!index["manifests"].is_array()) {
        throw base::InvalidDocument("index.json: manifests must be an array");
    }
    return index;
}

std::string dump_layout_index(const nlohmann::ordered_json& index) {
    std::string text = index.dump();
    if (text.size() > store::kMaxLayoutIndexBytes) {
        throw Refusal(507, code::kDenied, "this registry holds as many manifests as it can list");
    }
    return text;
}

}  // namespace regtool::serve
