#include <nlohmann/json.hpp>

#include "entry_text.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/render.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::ui {

namespace {

/// Build tools put "/bin/sh -c #(nop) " before what a Dockerfile said.
std::string command_of(const ops::HistoryStep& step) {
    constexpr std::string_view kNoOperation = "/bin/sh -c #(nop) ";
    std::string_view command =
        step.created_by.empty() ? std::string_view(step.comment) : step.created_by;
    if (command.starts_with(kNoOperation)) {
        command.remove_prefix(kNoOperation.size());
    }
    std::string one_line(base::trim(command));
    for (std::size_t i = 0; i < one_line.size(); ++i) {
        if (one_line[i] == '\n' || one_line[i] == '\t') {
            one_line[i] = ' ';
        }
    }
    return base::printable(one_line);
}

nlohmann::ordered_json to_json(const ops::HistoryStep& step) {
    nlohmann::ordered_json json;
    json["created"] = step.created;
    json["created_by"] = step.created_by;
    json["comment"] = step.comment;
    json["empty_layer"] = step.empty;
    json["layer"] = step.layer ? nlohmann::ordered_json(*step.layer) : nullptr;
    json["layer_digest"] =
        step.layer_digest.empty() ? nullptr : nlohmann::ordered_json(step.layer_digest);
    json["size"] = step.size ? nlohmann::ordered_json(*step.size) : nullptr;
    return json;
}

nlohmann::ordered_json to_json(const ops::HistoryReport& report) {
    nlohmann::ordered_json json;
    json["reference"] = report.reference;
    json["digest"] = report.digest;
    json["platform"] = report.platform;
    json["layers_matched"] = report.matched;
    json["steps"] = nlohmann::ordered_json::array();
    for (const ops::HistoryStep& step : report.steps) {
        json["steps"].push_back(to_json(step));
    }
    return json;
}

}  // namespace

void show(Output& out, const ops::HistoryReport& report) {
    if (out.structured()) {
        out.object(to_json(report));
        return;
    }
    Table table(
        {{"step", Align::right}, {"created"}, {"size", Align::right}, {"layer"}, {"command"}});
    for (std::size_t i = 0; i < report.steps.size(); ++i) {
        const ops::HistoryStep& step = report.steps[i];
        std::string layer = step.empty ? "-" : "?";
        if (step.layer) {
            layer = std::to_string(*step.layer) + " " + short_digest(step.layer_digest);
        }
        table.add({std::to_string(i), created_text(step.created),
                   step.size ? base::human_size(*step.size) : (step.empty ? "(empty)" : "unknown"),
                   std::move(layer), command_of(step)});
    }
    out.text(table.str(out.terminal().is_terminal ? out.terminal().columns : 0));
}

}  // namespace regtool::ui
