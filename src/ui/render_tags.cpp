#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::TagRow& row, bool details) {
    nlohmann::ordered_json json;
    json["name"] = row.name;
    if (!row.digest.empty()) {
        json["digest"] = row.digest;
    }
    if (details) {
        json["created"] = row.created;
        json["size"] = row.size ? nlohmann::ordered_json(*row.size) : nullptr;
        json["platforms"] = row.platforms;
        if (!row.error.empty()) {
            json["error"] = row.error;
        }
    }
    return json;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) {
        out += (out.empty() ? "" : ",") + part;
    }
    return base::printable(out);
}

}  // namespace

void TagView::add(const ops::TagRow& row) {
    if (out_.structured()) {
        out_.item(to_json(row, details_));
    } else if (details_) {
        rows_.push_back(row);
    } else {
        out_.line(row.name);
    }
}

void TagView::finish() {
    out_.end_list();
    if (rows_.empty()) {
        return;
    }
    Table table({{"tag"}, {"digest"}, {"created"}, {"size", Align::right}, {"platforms"}});
    for (const ops::TagRow& row : rows_) {
        table.add(
            {row.name, row.digest.empty() ? "-" : row.digest, created_text(row.created),
             row.size ? base::human_size(*row.size) : "-",
             row.error.empty() ? joined(row.platforms) : "error: " + base::printable(row.error)});
    }
    out_.text(table.str());
}

}  // namespace regtool::ui
