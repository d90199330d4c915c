#include "cli/run.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <new>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/dump.hpp"
#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "cli/session.hpp"
#include "cli/version.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ui/messages.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

void print_error(Session& session, const base::Error& error) noexcept {
    try {
        session.flush_partial_result();
        session.end_progress();
        const ui::Terminal terminal =
            ui::inspect_terminal(STDERR_FILENO, session.options.color, Session::environment);
        const bool json = session.options.format != ui::Format::text || !session.options.jq.empty();
        const std::string text =
            json ? ui::render_error_json(error) : ui::render_error_text(error, terminal);
        base::write_all(STDERR_FILENO, base::as_bytes(text), "standard error");
    } catch (...) {  // stderr itself is gone: the exit code still says what happened
        return;
    }
}

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

ExitCode print_and_finish(Session& session, const std::string& text) {
    session.out().text(text);
    session.out().flush();
    return ExitCode::ok;
}

ExitCode run_command(Session& session,
                     const CommandSpec& spec,
                     CLI::App& root,
                     std::vector<std::string> words) {
    CLI::App app{std::string(spec.summary)};
    app.set_help_flag();
    bool help = false;
    app.add_flag("-h,--help", help, "Show this help")
        ->group("Options of every command")
        ->trigger_on_parse();
    Arguments arguments(app);
    spec.declare(arguments, session);
    add_global_options(app, session.options, ReadEnvironment::no);
    // Help wins over everything that is wrong with the rest of the line.
    const auto end_of_options = std::find(words.begin(), words.end(), "--");
    if (std::any_of(words.begin(), end_of_options,
                    [](const std::string& w) { return w == "--help" || w == "-h"; })) {
        return print_and_finish(session, render_help(describe(spec, app)));
    }
    try {
        std::reverse(words.begin(), words.end());
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, std::string(spec.path));
    }
    if (spec.configured) {
        ConfigFile file = load_config_file(session.options.config, Session::environment);
        std::vector<OptionValue> values = apply_config_file(file, root, app);
        session.use_config(std::move(file), std::move(values));
    }
    const ExitCode code = session.action();
    session.out().flush();
    return code;
}

ExitCode dispatch(Session& session, int argc, char** argv) {
    CLI::App root{"regtool"};
    root.set_help_flag();
    bool help = false;
    bool version = false;
    bool dump = false;
    std::string man;
    root.add_flag("-h,--help", help, "Show this help");
    root.add_flag("--version", version, "Show the version");
    root.add_flag("--dump-cli", dump)->group("");
    root.add_option("--dump-man", man)->group("");
    add_global_options(root, session.options, ReadEnvironment::yes);
    root.prefix_command();
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        throw usage_error(error, "");
    }
    if (version) {
        return print_and_finish(session, "regtool " + std::string(kVersion) + "\n");
    }
    if (dump) {
        return print_and_finish(session, dump_cli());
    }
    if (!man.empty()) {
        return print_and_finish(session, man_page(man));
    }
    const std::vector<std::string> words = root.remaining();
    if (words.empty()) {
        if (help) {
            return print_and_finish(session, render_overview());
        }
        std::cerr << render_overview();
        return ExitCode::usage;
    }
    std::size_t used = 0;
    const CommandSpec* spec = find_command(words, used);
    if (spec == nullptr) {
        if (is_command_group(words.front()) &&
            (words.size() == 1 || words[1] == "--help" || words[1] == "-h" || help)) {
            return print_and_finish(session, render_group(words.front()));
        }
        throw_unknown_command(words);
    }
    std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
    if (help) {
        rest.insert(rest.begin(), "--help");
    }
    return run_command(session, *spec, root, std::move(rest));
}

/// A signal or --timeout decides the exit code whatever error it made on its way out.
ExitCode code_for(Session& session, const base::Error& error) {
    const auto reason = session.stop_reason();
    if (!reason) {
        print_error(session, error);
        return error.exit_code();
    }
    const base::Cancelled cancelled(*reason);
    print_error(session, cancelled);
    return cancelled.exit_code();
}

}  // namespace

int run(int argc, char** argv) {
    // A closed pipe or socket is an answer of write(2) here, not the end of the process.
    (void)std::signal(SIGPIPE, SIG_IGN);
    // libcurl would write the keys of every TLS connection there (TLS-12).
    (void)unsetenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe): no other thread yet
    Session session;
    try {
        return static_cast<int>(dispatch(session, argc, argv));
    } catch (const base::ClosedPipe&) {
        return static_cast<int>(ExitCode::closed_pipe);
    } catch (const base::Error& error) {
        return static_cast<int>(code_for(session, error));
    } catch (const std::bad_alloc&) {
        print_error(session, base::Error(base::ErrorKind::io, "out of memory"));
        return static_cast<int>(ExitCode::local);
    } catch (const std::exception& error) {
        print_error(session, base::Error(base::ErrorKind::internal,
                                         std::string("a bug in regtool: ") + error.what()));
        return static_cast<int>(ExitCode::internal);
    }
}

}  // namespace regtool::cli
