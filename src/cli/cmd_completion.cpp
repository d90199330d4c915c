#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/completions.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::string shell;
};

base::ExitCode run(const Options& options, Session& session) {
    if (options.shell == "bash") {
        session.out().text(bash_completion());
    } else if (options.shell == "zsh") {
        session.out().text(zsh_completion());
    } else {
        session.out().text(fish_completion());
    }
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("SHELL", options->shell, "bash, zsh or fish")
        ->required()
        ->one_of({"bash", "zsh", "fish"});
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"source <(regtool completion bash)", "For this bash; the same for zsh after compinit"},
    Example{"regtool completion fish > ~/.config/fish/completions/regtool.fish", "For every fish"},
};

}  // namespace

constinit const CommandSpec kCompletion{
    .path = "completion",
    .alias = "",
    .group = "Access and self",
    .summary = "Print a completion script for bash, zsh or fish",
    .description =
        "The script completes commands, options and their values, and asks the registry for "
        "repositories "
        "and tags.",
    .examples = kExamples,
    .declare = declare,
    .configured = false};

}  // namespace regtool::cli
