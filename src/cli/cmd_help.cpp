#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/help.hpp"
#include "cli/help_topics.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

struct Options {
    std::vector<std::string> words;
};

std::string page_for(const std::vector<std::string>& words) {
    if (words.empty()) {
        return render_overview();
    }
    for (const Topic& topic : topics()) {
        if (words.size() == 1 && topic.name == words.front()) {
            return wrap(topic.text, 0);
        }
    }
    std::size_t used = 0;
    if (const CommandSpec* spec = find_command(words, used);
        spec != nullptr && used == words.size()) {
        return render_help(describe(*spec));
    }
    if (words.size() == 1 && is_command_group(words.front())) {
        return render_group(words.front());
    }
    base::UsageError error("no help on '" + base::printable(words.front(), 64) + "'");
    error.set_hint("regtool help");
    throw error;
}

base::ExitCode run(const Options& options, Session& session) {
    session.out().text(page_for(options.words));
    return base::ExitCode::ok;
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    std::vector<std::string> names;
    for (const Topic& topic : topics()) {
        names.emplace_back(topic.name);
    }
    app.add_option("TOPIC", options->words, "A topic or a command")->suggest(names);
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool help exit-codes", "What each exit code means"},
    Example{"regtool help blob verify", "The same as regtool blob verify --help"},
};

}  // namespace

constinit const CommandSpec kHelp{
    .path = "help",
    .alias = "",
    .group = "Access and self",
    .summary = "Explain a topic or a command",
    .description =
        "Topics: exit-codes, references, authentication, formatting, environment, transports.",
    .examples = kExamples,
    .declare = declare,
    .configured = false};

}  // namespace regtool::cli
