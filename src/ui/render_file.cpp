#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

std::string shown_name(const ops::FileRow& row, FileNames names) {
    if (names == FileNames::paths) {
        return base::printable(row.entry.path);
    }
    return base::printable(row.entry.path.substr(row.entry.path.rfind('/') + 1));
}

std::string text_of(const ops::FileRow& row, FileNames names, bool details) {
    std::string line;
    if (details) {
        line = attributes_text(row.entry) + " L" + std::to_string(row.entry.layer) + " ";
    }
    line += shown_name(row, names);
    if (details && row.entry.type == 'l') {
        line += " -> " + base::printable(row.entry.link_target);
    }
    if (row.deleted_by) {
        line += " (deleted by layer " + std::to_string(*row.deleted_by) + ")";
    }
    return line;
}

nlohmann::ordered_json file_json(const ops::FileRow& row) {
    nlohmann::ordered_json json = to_json(row.entry);
    json["links"] = row.links;
    json["deleted_by"] = row.deleted_by ? nlohmann::ordered_json(*row.deleted_by) : nullptr;
    return json;
}

}  // namespace

void show_item(Output& out, const ops::FileRow& row, FileNames names, bool details) {
    if (out.structured()) {
        out.item(file_json(row));
    } else {
        out.line(text_of(row, names, details));
    }
}

}  // namespace regtool::ui
