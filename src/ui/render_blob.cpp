#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::BlobVerification& verification) {
    nlohmann::ordered_json json;
    json["name"] = verification.name;
    json["digest"] = verification.digest;
    json["ok"] = verification.ok;
    json["size"] = verification.size;
    json["exit_code"] = static_cast<int>(verification.code);
    if (!verification.ok) {
        json["error"] = verification.error;
    }
    return json;
}

nlohmann::ordered_json to_json(const ops::BlobFacts& facts) {
    nlohmann::ordered_json json;
    json["digest"] = facts.digest;
    json["media_type"] = facts.media_type;
    json["size"] = facts.size ? nlohmann::ordered_json(*facts.size) : nullptr;
    return json;
}

std::string_view to_string(ops::Placed how) {
    switch (how) {
        case ops::Placed::uploaded:
            return "uploaded";
        case ops::Placed::mounted:
            return "mounted";
        case ops::Placed::present:
            return "present";
        case ops::Placed::not_mounted:
            return "not_mounted";
    }
    return "";
}

}  // namespace

void show_item(Output& out, const ops::BlobVerification& verification) {
    if (out.structured()) {
        out.item(to_json(verification));
        return;
    }
    const std::string name =
        verification.digest.empty() ? base::printable(verification.name) : verification.digest;
    if (verification.ok) {
        out.line(name + " ok " + std::to_string(verification.size));
    } else {
        out.line(name + " FAILED (exit code " +
                 std::to_string(static_cast<int>(verification.code)) + ") " +
                 base::printable(verification.error));
    }
}

void show(Output& out, const ops::BlobFacts& facts) {
    if (out.structured()) {
        out.object(to_json(facts));
        return;
    }
    out.line("Digest:       " + facts.digest);
    if (!facts.media_type.empty()) {
        out.line("Media type:   " + base::printable(facts.media_type));
    }
    out.line("Size:         " + (facts.size ? std::to_string(*facts.size) : "unknown"));
}

void show(Output& out, const ops::BlobPlacement& placement) {
    if (out.structured()) {
        out.object({{"reference", placement.reference},
                    {"digest", placement.digest},
                    {"size", placement.size},
                    {"action", to_string(placement.how)}});
        return;
    }
    out.line(placement.reference);
}

}  // namespace regtool::ui
