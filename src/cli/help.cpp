#include "cli/help.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>

#include "cli/arguments.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

namespace regtool::cli {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kOptionColumn = 28;

std::string option_title(const OptionDoc& option) {
    std::string title;
    for (const std::string& name : option.names) {
        title += (title.empty() ? "" : ", ") + name;
    }
    if (!option.value.empty()) {
        title += " " + option.value;
    }
    return title;
}

/// "  --name VALUE      what it does", wrapped under the second column.
std::string two_columns(const std::string& title, const std::string& help) {
    std::string line = "  " + title;
    std::string text = wrap(help, kOptionColumn, kWidth);
    if (line.size() + 2 <= kOptionColumn) {
        line.resize(kOptionColumn, ' ');
        return line + (text.size() > kOptionColumn ? text.substr(kOptionColumn) : "\n");
    }
    return line + "\n" + text;
}

std::string section(std::string_view title, const std::vector<OptionDoc>& options, bool global) {
    std::string out;
    for (const OptionDoc& option : options) {
        if (option.global == global) {
            out += two_columns(option_title(option), option.help);
        }
    }
    return out.empty() ? out : "\n" + std::string(title) + ":\n" + out;
}

OptionDoc document(const CLI::Option& option) {
    OptionDoc doc;
    doc.help = option.get_description();
    doc.repeated = option.get_items_expected_max() > 1;
    doc.required = option.get_required();
    if (option.get_positional()) {
        doc.names = {option.get_name(true)};
        return doc;
    }
    for (const std::string& name : option.get_snames()) {
        doc.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        doc.names.push_back("--" + name);
    }
    doc.value = option.get_items_expected_max() == 0 ? "" : option.get_type_name();
    doc.global = option.get_group() == "Options of every command";
    return doc;
}

}  // namespace

std::string CommandDoc::usage() const {
    std::string line = "regtool " + std::string(spec->path) + " [options]";
    for (const OptionDoc& argument : arguments) {
        const std::string name = argument.names.front() + (argument.repeated ? "..." : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return line;
}

CommandDoc describe(const CommandSpec& spec, const CLI::App& app) {
    CommandDoc doc;
    doc.spec = &spec;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) {
            continue;
        }
        (option->get_positional() ? doc.arguments : doc.options).push_back(document(*option));
    }
    return doc;
}

CommandDoc describe(const CommandSpec& spec) {
    Session session;
    CLI::App app{std::string(spec.summary)};
    app.set_help_flag();
    bool help = false;
    app.add_flag("-h,--help", help, "Show this help")->group("Options of every command");
    Arguments arguments(app);
    spec.declare(arguments, session);
    add_global_options(app, session.options, ReadEnvironment::no);
    CommandDoc doc = describe(spec, app);
    for (std::vector<OptionDoc>* options : {&doc.arguments, &doc.options}) {
        for (OptionDoc& option : *options) {
            const std::string& name = option.names.back();
            option.words =
                option.global ? global_words(session.options, name) : arguments.words_of(name);
        }
    }
    return doc;
}

std::string render_help(const CommandDoc& doc) {
    const CommandSpec& spec = *doc.spec;
    std::string out = std::string(spec.summary) + ".\n\nUsage:\n" + wrap(doc.usage(), 2);
    if (!spec.alias.empty()) {
        out += "\nAlso: regtool " + std::string(spec.alias) + "\n";
    }
    if (!spec.description.empty()) {
        out += "\n" + wrap(spec.description, 0);
    }
    std::vector<OptionDoc> arguments = doc.arguments;
    for (OptionDoc& argument : arguments) {
        argument.value.clear();
    }
    out += section("Arguments", arguments, false);
    out += section("Options", doc.options, false);
    out += section("Options of every command", doc.options, true);
    if (!spec.examples.empty()) {
        out += "\nExamples:\n";
        for (const Example& example : spec.examples) {
            out += wrap(std::string("# ") + std::string(example.purpose), 2);
            out += "  " + std::string(example.command) + "\n";
        }
    }
    return out;
}

std::string render_overview() {
    std::string out =
        "regtool: look at, verify and move container images in registries.\n\n"
        "Usage:\n  regtool [options] COMMAND [arguments]\n";
    std::string_view group;
    for (const CommandSpec* spec : commands()) {
        if (spec->hidden) {
            continue;
        }
        if (spec->group != group) {
            group = spec->group;
            out += "\n" + std::string(group) + ":\n";
        }
        out += two_columns(std::string(spec->path), std::string(spec->summary));
    }
    out +=
        "\nTopics (regtool help TOPIC):\n"
        "  exit-codes references authentication formatting environment transports\n"
        "\nExamples:\n"
        "  # Where does a tag point?\n"
        "  regtool digest alpine:stable\n"
        "  # The files in the top layer\n"
        "  regtool layer ls localhost:5000/app:v1 -1\n"
        "  # Options and examples of one command\n"
        "  regtool blob verify --help\n";
    return out;
}

std::string render_group(std::string_view word) {
    std::string out =
        "Usage:\n  regtool " + std::string(word) + " COMMAND [arguments]\n\nCommands:\n";
    const std::string prefix = std::string(word) + " ";
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden &&
            (spec->path == word || spec->path.substr(0, prefix.size()) == prefix)) {
            out += two_columns(std::string(spec->path), std::string(spec->summary));
        }
    }
    return out + "\nregtool " + prefix + "COMMAND --help shows options and examples.\n";
}

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    const std::string margin(indent, ' ');
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == ' ') {
            out += line.empty() ? "\n" : margin + std::string(line) + "\n";
            continue;
        }
        while (line.size() + indent > width) {
            std::size_t cut = line.rfind(' ', width - indent);
            if (cut == std::string_view::npos) {
                cut = std::min(line.find(' '), line.size());
            }
            out += margin + std::string(line.substr(0, cut)) + "\n";
            line.remove_prefix(std::min(cut + 1, line.size()));
        }
        if (!line.empty()) {
            out += margin + std::string(line) + "\n";
        }
    }
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, substituted});
        }
    }
    return row.back();
}

}  // namespace regtool::cli
