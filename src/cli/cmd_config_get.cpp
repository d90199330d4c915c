#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/error.hpp"
#include "regtool/ui/table.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string key;
    bool origin = false;
};

std::string joined(const OptionValue& value) {
    if (value.secret && !value.values.empty()) {
        return "(not shown)";
    }
    std::string text;
    for (const std::string& one : value.values) {
        text += (text.empty() ? "" : ",") + one;
    }
    return text;
}

std::string place_of(const OptionValue& value, const ConfigFile& file) {
    return value.origin == Origin::file ? file.path : std::string(to_string(value.origin));
}

std::vector<OptionValue> chosen(const Options& options, const Session& session) {
    std::vector<OptionValue> values;
    for (const OptionValue& value : session.option_values()) {
        if (value.name == options.key || (options.key.empty() && value.origin != Origin::builtin)) {
            values.push_back(value);
        }
    }
    if (values.empty() && !options.key.empty()) {
        base::UsageError error("no option '" + options.key + "'");
        error.set_hint("regtool help environment");
        throw error;
    }
    return values;
}

base::ExitCode run(const Options& options, Session& session) {
    ui::Output& out = session.out();
    const ConfigFile& file = session.config_file();
    const std::vector<OptionValue> values = chosen(options, session);
    if (out.structured()) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const OptionValue& value : values) {
            list.push_back({{"name", value.name},
                            {"value", joined(value)},
                            {"origin", to_string(value.origin)},
                            {"file", value.origin == Origin::file ? file.path : ""}});
        }
        out.object(nlohmann::ordered_json{{"file", file.path}, {"options", list}});
        return base::ExitCode::ok;
    }
    for (const OptionValue& value : values) {
        const std::string shown =
            options.key.empty() ? value.name + " = " + joined(value) : joined(value);
        out.line(options.origin ? place_of(value, file) + "\t" + shown : shown);
    }
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("KEY", options->key, "An option's long name; all that are set when missing");
    app.add_flag("--origin", options->origin,
                 "Say where each value comes from: flag, environment, the file, default");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool config get", "What is set by variables and the configuration file"},
    Example{"regtool config get --origin retries", "One option, and who decided it"},
    Example{"REGTOOL_JOBS=2 regtool config get --jq '.options[].origin'", "For programs"},
};

}  // namespace

constinit const CommandSpec kConfigGet{
    .path = "config get",
    .alias = "",
    .group = "Access and self",
    .summary = "Show what options are set to, and by what",
    .description =
        "Options come from flags, then REGTOOL_ variables, then the configuration file, then the "
        "defaults. An option that nobody set has an empty value; its default stands in the help. "
        "JSON keys: file, options (name, value, origin, file). An image that is named get is read "
        "as docker.io/library/get.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
