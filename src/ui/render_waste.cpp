#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const std::vector<ops::WasteRow>& rows) {
    auto list = nlohmann::ordered_json::array();
    for (const ops::WasteRow& row : rows) {
        nlohmann::ordered_json json;
        put_name(json, "path", row.path);
        json["how"] = row.how;
        json["layer"] = row.layer;
        json["by_layer"] = row.by_layer;
        json["files"] = row.files;
        json["bytes"] = row.bytes;
        list.push_back(std::move(json));
    }
    return list;
}

void show_text(Output& out, const ops::WasteReport& report) {
    if (!report.rows.empty()) {
        Table table({{"bytes", Align::right},
                     {"files", Align::right},
                     {"layer", Align::right},
                     {"hidden by"},
                     {"path"}});
        for (const ops::WasteRow& row : report.rows) {
            table.add({base::human_size(row.bytes), std::to_string(row.files),
                       std::to_string(row.layer), row.how + " " + std::to_string(row.by_layer),
                       base::printable(row.path)});
        }
        out.text(table.str(out.terminal().is_terminal ? out.terminal().columns : 0));
    }
    out.line(base::human_size(report.hidden) + " of " + base::human_size(report.shipped) +
             " are shipped but hidden");
    for (const ops::WasteRow& row : report.telling) {
        out.line("deleted by layer " + std::to_string(row.by_layer) +
                 ", yet everyone can download it from layer " + std::to_string(row.layer) + ": " +
                 base::printable(row.path));
    }
}

}  // namespace

void show(Output& out, const ops::WasteReport& report) {
    if (!out.structured()) {
        show_text(out, report);
        return;
    }
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["shipped"] = report.shipped;
    json["hidden"] = report.hidden;
    json["rows"] = to_json(report.rows);
    json["telling"] = to_json(report.telling);
    out.object(json);
}

}  // namespace regtool::ui
