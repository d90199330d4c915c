#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

std::string what(const ops::BlameStep& step) {
    std::string text(type_name(step.type));
    if (step.type == 'l') {
        text += " -> " + base::printable(step.link_target, 100);
    } else if (step.type == '-') {
        text += ", " + base::human_size(step.size);
    }
    return text;
}

nlohmann::ordered_json to_json(const ops::BlameReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    put_name(json, "path", report.path);
    json["exists"] = report.exists;
    json["layers_matched"] = report.history_matched;
    json["steps"] = nlohmann::ordered_json::array();
    for (const ops::BlameStep& step : report.steps) {
        nlohmann::ordered_json item;
        item["layer"] = step.layer;
        item["layer_digest"] = step.layer_digest;
        item["change"] = step.change;
        put_name(item, "entry", step.entry);
        item["type"] = type_name(step.type);
        item["size"] = step.size;
        if (step.type == 'l') {
            put_name(item, "link_target", step.link_target);
        }
        item["step"] = step.step ? nlohmann::ordered_json(*step.step) : nullptr;
        item["created_by"] = step.created_by;
        json["steps"].push_back(std::move(item));
    }
    return json;
}

}  // namespace

void show(Output& out, const ops::BlameReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    Table table({{"layer"}, {"change"}, {"what"}, {"command"}});
    for (const ops::BlameStep& step : report.steps) {
        table.add({std::to_string(step.layer) + " " + short_digest(step.layer_digest), step.change,
                   what(step), base::printable(base::trim(step.created_by))});
    }
    out.text(table.str(out.terminal().is_terminal ? out.terminal().columns : 0));
}

}  // namespace regtool::ui
