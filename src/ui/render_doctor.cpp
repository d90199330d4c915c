#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

nlohmann::ordered_json to_json(const ops::DoctorReport& report) {
    nlohmann::ordered_json json;
    json["subject"] = report.subject;
    json["exit_code"] = static_cast<int>(report.code);
    json["findings"] = nlohmann::ordered_json::array();
    for (const ops::Finding& finding : report.findings) {
        json["findings"].push_back({{"area", finding.area},
                                    {"verdict", ops::to_string(finding.verdict)},
                                    {"text", finding.text},
                                    {"advice", finding.advice}});
    }
    return json;
}

std::string_view color_of(ops::Verdict verdict) {
    switch (verdict) {
        case ops::Verdict::good:
            return "\x1b[32m";
        case ops::Verdict::note:
            return "\x1b[36m";
        case ops::Verdict::warning:
            return "\x1b[33m";
        case ops::Verdict::failure:
            return "\x1b[31;1m";
    }
    return "";
}

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

}  // namespace

void show(Output& out, const ops::DoctorReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    constexpr std::size_t kVerdictWidth = 9;
    constexpr std::size_t kAreaWidth = 13;
    for (const ops::Finding& finding : report.findings) {
        std::string verdict = padded(ops::to_string(finding.verdict), kVerdictWidth);
        if (out.terminal().color) {
            verdict = std::string(color_of(finding.verdict)) + verdict + "\x1b[0m";
        }
        out.line(verdict + padded(finding.area, kAreaWidth) + base::printable(finding.text));
        if (!finding.advice.empty()) {
            out.line(std::string(kVerdictWidth + kAreaWidth, ' ') + "-> " +
                     base::printable(finding.advice));
        }
    }
}

}  // namespace regtool::ui
