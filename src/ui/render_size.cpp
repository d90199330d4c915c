#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::SizeReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["digest"] = report.digest;
    json["total"] = report.total;
    json["platforms"] = nlohmann::ordered_json::array();
    for (const ops::PlatformSize& row : report.platforms) {
        nlohmann::ordered_json item;
        item["platform"] = row.platform;
        item["digest"] = row.digest;
        item["layers"] = row.layers;
        item["compressed"] = row.compressed;
        item["unique"] = row.unique;
        item["shared"] = row.shared;
        if (row.unpacked) {
            item["unpacked"] = *row.unpacked;
        }
        json["platforms"].push_back(std::move(item));
    }
    return json;
}

}  // namespace

void show(Output& out, const ops::SizeReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    const bool unpacked =
        !report.platforms.empty() && report.platforms.front().unpacked.has_value();
    std::vector<Table::Column> columns{{"platform"},
                                       {"layers", Align::right},
                                       {"compressed", Align::right},
                                       {"unique", Align::right},
                                       {"shared", Align::right}};
    if (unpacked) {
        columns.push_back({"unpacked", Align::right});
    }
    Table table(std::move(columns));
    for (const ops::PlatformSize& row : report.platforms) {
        std::vector<std::string> cells{row.platform.empty() ? "-" : base::printable(row.platform),
                                       std::to_string(row.layers), base::human_size(row.compressed),
                                       base::human_size(row.unique), base::human_size(row.shared)};
        if (unpacked) {
            cells.push_back(base::human_size(row.unpacked.value_or(0)));
        }
        table.add(std::move(cells));
    }
    out.text(table.str());
    out.line("total " + base::human_size(report.total));
}

}  // namespace regtool::ui
