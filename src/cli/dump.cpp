#include "cli/dump.hpp"

#include <nlohmann/json.hpp>

#include "cli/help.hpp"

namespace regtool::cli {

namespace {

nlohmann::ordered_json to_json(const OptionDoc& option) {
    return {{"names", option.names},       {"value", option.value},
            {"help", option.help},         {"global", option.global},
            {"repeated", option.repeated}, {"required", option.required}};
}

nlohmann::ordered_json to_json(const std::vector<OptionDoc>& options) {
    auto list = nlohmann::ordered_json::array();
    for (const OptionDoc& option : options) {
        list.push_back(to_json(option));
    }
    return list;
}

}  // namespace

std::string dump_cli() {
    nlohmann::ordered_json json;
    json["commands"] = nlohmann::ordered_json::array();
    for (const CommandSpec* spec : commands()) {
        if (spec->hidden) {
            continue;
        }
        const CommandDoc doc = describe(*spec);
        nlohmann::ordered_json command;
        command["path"] = spec->path;
        command["alias"] = spec->alias;
        command["group"] = spec->group;
        command["summary"] = spec->summary;
        command["usage"] = doc.usage();
        command["arguments"] = to_json(doc.arguments);
        command["options"] = to_json(doc.options);
        command["examples"] = nlohmann::ordered_json::array();
        for (const Example& example : spec->examples) {
            command["examples"].push_back(
                {{"command", example.command}, {"purpose", example.purpose}});
        }
        json["commands"].push_back(std::move(command));
    }
    return json.dump(2) + "\n";
}

}  // namespace regtool::cli
