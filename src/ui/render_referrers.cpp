#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::ReferrersReport& report) {
    nlohmann::ordered_json json;
    json["image"] = report.image;
    json["subject"] = report.subject;
    json["referrers"] = nlohmann::ordered_json::array();
    for (const ops::ReferrerRow& row : report.referrers) {
        json["referrers"].push_back({{"digest", row.digest},
                                     {"media_type", row.media_type},
                                     {"artifact_type", row.artifact_type},
                                     {"size", row.size},
                                     {"annotations", nlohmann::ordered_json(row.annotations)}});
    }
    return json;
}

}  // namespace

void show(Output& out, const ops::ReferrersReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    out.line(report.subject);
    for (const ops::ReferrerRow& row : report.referrers) {
        out.line("  " + row.digest + "  " + base::human_size(row.size) + "  " +
                 base::printable(row.artifact_type.empty() ? row.media_type : row.artifact_type));
    }
}

}  // namespace regtool::ui
