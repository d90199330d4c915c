#include <nlohmann/json.hpp>

#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::DeleteReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["digest"] = report.digest;
    json["tags"] = report.tags;
    json["tags_complete"] = report.tags_unknown.empty();
    json["used_by"] = report.used_by;
    json["referrers"] = report.referrers;
    json["unknown"] = report.unknown;
    json["deleted"] = report.deleted;
    return json;
}

}  // namespace

void show(Output& out, const ops::DeleteReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    out.line((report.deleted ? "deleted " : "") + report.reference);
    for (const std::string& tag : report.tags) {
        if (!report.reference.ends_with(":" + tag)) {
            out.line("  with tag " + tag);
        }
    }
}

}  // namespace regtool::ui
