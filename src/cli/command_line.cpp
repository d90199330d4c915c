#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/dump.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/version.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

/// What stands before the command.
struct Outer {
    CLI::App app{"regtool"};
    bool help = false;
    bool version = false;
    bool dump = false;
    std::string man;

    explicit Outer(GlobalOptions& options) {
        app.set_help_flag();
        app.add_flag("-h,--help", help, "Show this help");
        app.add_flag("--version", version, "Show the version");
        app.add_flag("--dump-cli", dump)->group("");
        app.add_option("--dump-man", man)->group("");
        add_global_options(app, options, ReadEnvironment::yes);
        app.prefix_command();
    }
};

/// A name typed wrongly: the nearest command, when it is near enough to be meant.
std::string suggestion(const std::string& word) {
    std::string best;
    std::size_t best_distance = 3;
    for (const CommandSpec* spec : commands()) {
        if (spec->hidden) {
            continue;
        }
        const std::size_t distance =
            edit_distance(word, spec->path.substr(0, spec->path.find(' ')));
        if (distance < best_distance) {
            best_distance = distance;
            best = spec->path.substr(0, spec->path.find(' '));
        }
    }
    return best;
}

[[noreturn]] void throw_unknown_command(const std::vector<std::string>& words) {
    const std::string& word = words.front();
    base::UsageError error("no command '" + base::printable(word, 64) + "'");
    if (is_command_group(word) && words.size() > 1) {
        error = base::UsageError("no command '" + word + " " + base::printable(words[1], 64) + "'");
        error.set_hint("regtool help " + word);
    } else if (const std::string near = suggestion(word); !near.empty()) {
        error.set_hint("regtool " + near);
    } else {
        error.set_hint("regtool --help");
    }
    throw error;
}

/// CLI11's words turned into one line in our own form.
base::UsageError usage_error(const CLI::ParseError& parse_error, const std::string& command) {
    std::string message = parse_error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    base::UsageError error(base::printable(message));
    error.set_hint(command.empty() ? "regtool --help" : "regtool " + command + " --help");
    return error;
}

Session::Action print(Session& session, std::string text) {
    return [&session, text = std::move(text)] {
        session.out().text(text);
        session.out().flush();
        return ExitCode::ok;
    };
}

ExitCode print_overview_as_error() {
    std::cerr << render_overview();
    return ExitCode::usage;
}

Session::Action parse_command(Session& session,
                              const CommandSpec& spec,
                              const std::shared_ptr<Outer>& outer,
                              std::vector<std::string> words) {
    const auto app = std::make_shared<CLI::App>(std::string(spec.summary));
    app->set_help_flag();
    app->add_flag("-h,--help")->description("Show this help")->group("Options of every command");
    Arguments arguments(*app);
    spec.declare(arguments, session);
    add_global_options(*app, session.options, ReadEnvironment::no);
    // Help wins over everything that is wrong with the rest of the line.
    const auto end_of_options = std::find(words.begin(), words.end(), "--");
    if (std::any_of(words.begin(), end_of_options,
                    [](const std::string& w) { return w == "--help" || w == "-h"; })) {
        return print(session, render_help(describe(spec, *app)));
    }
    try {
        std::reverse(words.begin(), words.end());
        app->parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, std::string(spec.path));
    }
    return [&session, &spec, outer, app] {
        if (spec.configured) {
            ConfigFile file = load_config_file(session.options.config, Session::environment);
            std::vector<OptionValue> values = apply_config_file(file, outer->app, *app);
            session.use_config(std::move(file), std::move(values));
        }
        apply_command_format(session.options);
        const ExitCode code = session.action();
        session.out().flush();
        return code;
    };
}

}  // namespace

Session::Action parse_command_line(Session& session, int argc, const char* const* argv) {
    const auto outer = std::make_shared<Outer>(session.options);
    try {
        outer->app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, "");
    }
    if (outer->version) {
        return print(session, "regtool " + std::string(kVersion) + "\n");
    }
    if (outer->dump) {
        return print(session, dump_cli());
    }
    if (!outer->man.empty()) {
        return print(session, man_page(outer->man));
    }
    const std::vector<std::string> words = outer->app.remaining();
    if (words.empty()) {
        return outer->help ? print(session, render_overview()) : print_overview_as_error;
    }
    std::size_t used = 0;
    const CommandSpec* spec = find_command(words, used);
    if (spec == nullptr) {
        if (is_command_group(words.front()) &&
            (words.size() == 1 || words[1] == "--help" || words[1] == "-h" || outer->help)) {
            return print(session, render_group(words.front()));
        }
        throw_unknown_command(words);
    }
    std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
    if (outer->help) {
        rest.insert(rest.begin(), "--help");
    }
    return parse_command(session, *spec, outer, std::move(rest));
}

}  // namespace regtool::cli
