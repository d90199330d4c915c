#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/render_publish.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::WarmReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["digest"] = report.digest;
    json["layers"] = nlohmann::ordered_json::array();
    for (const ops::WarmedLayer& layer : report.layers) {
        nlohmann::ordered_json item;
        item["digest"] = layer.digest;
        item["size"] = layer.size;
        item["entries"] = layer.entries;
        item["index_size"] = layer.index_bytes;
        item["known"] = layer.known;
        json["layers"].push_back(std::move(item));
    }
    return json;
}

std::string to_text(const ops::WarmReport& report) {
    Table table({{"layer", Align::right},
                 {"digest"},
                 {"size", Align::right},
                 {"entries", Align::right},
                 {"index", Align::right},
                 {"was"}});
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const ops::WarmedLayer& layer = report.layers[i];
        table.add({std::to_string(i), layer.digest, base::human_size(layer.size),
                   std::to_string(layer.entries), base::human_size(layer.index_bytes),
                   layer.known ? "known" : "read"});
    }
    return table.str();
}

}  // namespace

void show(Output& out, const ops::WarmReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
    } else {
        out.text(to_text(report));
    }
}

void show(Output& out, const ops::PublishReport& report) {
    if (out.structured()) {
        nlohmann::ordered_json json = to_json(report.warmed);
        json["published"]["digest"] = report.artifact;
        json["published"]["replaced"] = report.replaced;
        out.object(json);
        return;
    }
    out.text(to_text(report.warmed));
    out.line("published as " + report.artifact);
    for (const std::string& older : report.replaced) {
        out.line("instead of " + older);
    }
}

}  // namespace regtool::ui
