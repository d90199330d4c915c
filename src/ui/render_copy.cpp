#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

using Json = nlohmann::ordered_json;
using ops::BlobAction;

Json to_json(const ops::BlobTally& tally) {
    return {{"count", tally.count}, {"bytes", tally.bytes}};
}

Json to_json(const ops::CopiedImage& image) {
    Json json;
    json["source"] = image.source;
    json["target"] = image.target;
    json["names"] = image.names;
    json["digest"] = image.digest;
    json["source_digest"] = image.source_digest;
    json["media_type"] = image.media_type;
    json["unchanged"] = image.unchanged;
    if (!image.error.empty()) {
        json["error"] = image.error;
        json["exit_code"] = static_cast<int>(image.code);
    }
    return json;
}

Json to_json(const ops::MissingManifest& missing) {
    Json json;
    json["digest"] = missing.digest;
    json["media_type"] = missing.media_type;
    json["size"] = missing.size;
    json["platform"] = missing.platform.empty() ? Json() : Json(missing.platform);
    json["index"] = missing.index;
    json["source"] = missing.source;
    return json;
}

Json to_json(const ops::CopyReport& report) {
    Json json;
    json["target"] = report.target;
    json["dry_run"] = report.dry_run;
    json["images"] = Json::array();
    for (const ops::CopiedImage& image : report.images) {
        json["images"].push_back(to_json(image));
    }
    json["manifests"] = {{"moved", report.manifests_moved}, {"present", report.manifests_present}};
    json["moved"] = to_json(ops::tally(report, BlobAction::move));
    json["mounted"] = to_json(ops::tally(report, BlobAction::mount));
    json["present"] = to_json(ops::tally(report, BlobAction::present));
    json["foreign"] = to_json(ops::tally(report, BlobAction::foreign));
    json["blobs"] = Json::array();
    for (const ops::CopiedBlob& blob : report.blobs) {
        json["blobs"].push_back({{"digest", blob.digest},
                                 {"media_type", blob.media_type},
                                 {"size", blob.size},
                                 {"action", to_string(blob.action)}});
    }
    json["missing"] = Json::array();
    for (const ops::MissingManifest& missing : report.missing) {
        json["missing"].push_back(to_json(missing));
    }
    json["notes"] = report.notes;
    return json;
}

std::string counted(std::uint64_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string plan_table(const ops::CopyReport& report) {
    Table table({{"action"}, {"size", Align::right}, {"digest"}, {"media type"}});
    for (const ops::CopiedBlob& blob : report.blobs) {
        table.add({std::string(to_string(blob.action)), base::human_size(blob.size), blob.digest,
                   base::printable(blob.media_type)});
    }
    for (const ops::MissingManifest& missing : report.missing) {
        const std::string platform = missing.platform.empty() ? "" : " for " + missing.platform;
        table.add({"missing", base::human_size(missing.size), missing.digest,
                   base::printable(missing.media_type + platform)});
    }
    return table.str();
}

}  // namespace

std::string copy_summary(const ops::CopyReport& report) {
    const auto part = [&report](BlobAction action, const char* words) {
        const ops::BlobTally sum = ops::tally(report, action);
        return sum.count == 0 ? std::string()
                              : ", " + std::to_string(sum.count) + " " + words + " (" +
                                    base::human_size(sum.bytes) + ")";
    };
    const bool nothing = report.blobs.empty() && report.manifests_moved == 0;
    if (nothing) {
        return "unchanged: " + counted(report.images.size(), "name") + " at the digest already";
    }
    const ops::BlobTally moved = ops::tally(report, BlobAction::move);
    return std::string(report.dry_run ? "to move: " : "moved: ") + counted(moved.count, "blob") +
           " (" + base::human_size(moved.bytes) + "), " +
           counted(report.manifests_moved, "manifest") +
           part(BlobAction::mount, report.dry_run ? "to mount" : "mounted") +
           part(BlobAction::present, "there already") +
           part(BlobAction::foreign, "foreign, left where they are") +
           (report.missing.empty()
                ? ""
                : ", " + counted(report.missing.size(), "manifest") + " missing in the source");
}

void show(Output& out, const ops::CopyReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    if (report.dry_run) {
        if (!report.blobs.empty() || !report.missing.empty()) {
            out.text(plan_table(report));
        }
        out.line(copy_summary(report));
    }
    for (const ops::CopiedImage& image : report.images) {
        if (image.error.empty()) {
            out.line(base::printable(image.target));
        }
    }
}

}  // namespace regtool::ui
