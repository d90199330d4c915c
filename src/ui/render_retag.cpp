#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::RetagReport& report) {
    nlohmann::ordered_json json;
    json["source"] = report.source;
    json["digest"] = report.digest;
    json["targets"] = nlohmann::ordered_json::array();
    for (const ops::RetagRow& row : report.targets) {
        json["targets"].push_back(
            {{"reference", row.reference},
             {"digest", row.digest},
             {"previous", row.previous.empty() ? nullptr : nlohmann::ordered_json(row.previous)},
             {"unchanged", row.unchanged}});
    }
    return json;
}

}  // namespace

void show(Output& out, const ops::RetagReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    for (const ops::RetagRow& row : report.targets) {
        std::string note;
        if (row.unchanged) {
            note = " (unchanged)";
        } else if (!row.previous.empty()) {
            note = " (was " + row.previous + ")";
        }
        out.line(row.reference + " " + row.digest + note);
    }
}

}  // namespace regtool::ui
