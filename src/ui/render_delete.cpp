#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
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
    if (report.freed) {
        json["freed"] = {{"blobs", report.freed->blobs}, {"bytes", report.freed->bytes}};
    }
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
    if (report.freed) {
        out.line("  freed " + base::human_size(report.freed->bytes) + " in " +
                 std::to_string(report.freed->blobs) +
                 (report.freed->blobs == 1 ? " blob" : " blobs"));
    }
}

}  // namespace regtool::ui
