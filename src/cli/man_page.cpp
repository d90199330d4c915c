#include "cli/man_page.hpp"

#include <algorithm>

#include "cli/help.hpp"
#include "cli/help_topics.hpp"
#include "cli/version.hpp"
#include "regtool/base/error.hpp"

namespace regtool::cli {

namespace {

/// Text safe in roff: backslashes, hyphens of options, and lines that would begin with a control
/// character.
std::string roff(std::string_view text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        line_start = c == '\n';
    }
    return out;
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

std::string heading(const std::string& page) {
    return ".TH " + upper(page) + " 1 \"\" \"regtool " + std::string(kVersion) +
           "\" \"regtool manual\"\n";
}

/// Paragraphs; runs of lines that begin with a blank become unfilled blocks.
std::string body(std::string_view text) {
    std::string out;
    bool block = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const bool preformatted = line.starts_with(' ');
        if (preformatted != block) {
            out += preformatted ? ".nf\n" : ".fi\n";
            block = preformatted;
        }
        out += line.empty() ? ".PP\n" : roff(line) + "\n";
    }
    return out + (block ? ".fi\n" : "");
}

std::string option_title(const OptionDoc& option) {
    std::string title;
    for (const std::string& name : option.names) {
        title += (title.empty() ? "" : ", ") + ("\\fB" + roff(name) + "\\fR");
    }
    return option.value.empty() ? title : title + " \\fI" + roff(option.value) + "\\fR";
}

std::string option_list(const std::string& title,
                        const std::vector<OptionDoc>& options,
                        bool global) {
    std::string out;
    for (const OptionDoc& option : options) {
        if (option.global == global) {
            out += ".TP\n" + option_title(option) + "\n" + roff(option.help) + ".\n";
        }
    }
    return out.empty() ? out : ".SH " + title + "\n" + out;
}

std::string page_name(std::string_view path) {
    std::string name = "regtool-" + std::string(path);
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

std::string examples(const CommandSpec& spec) {
    if (spec.examples.empty()) {
        return "";
    }
    std::string out = ".SH EXAMPLES\n";
    for (const Example& example : spec.examples) {
        out += std::string(&example == spec.examples.data() ? "" : ".PP\n") +
               roff(example.purpose) + ":\n.PP\n.nf\n.RS\n" + roff(example.command) +
               "\n.RE\n.fi\n";
    }
    return out;
}

std::string command_page(const CommandSpec& spec) {
    const CommandDoc doc = describe(spec);
    std::string out = heading(page_name(spec.path));
    out += ".SH NAME\n" + roff(page_name(spec.path)) + " \\- " + roff(spec.summary) + "\n";
    out += ".SH SYNOPSIS\n\\fB" + roff(doc.usage()) + "\\fR\n";
    if (!spec.alias.empty()) {
        out += ".PP\n\\fBregtool " + roff(spec.alias) + "\\fR is another name for it.\n";
    }
    out += ".SH DESCRIPTION\n" + body(spec.description);
    std::vector<OptionDoc> arguments = doc.arguments;
    for (OptionDoc& argument : arguments) {
        argument.value.clear();
    }
    out += option_list("ARGUMENTS", arguments, false);
    out += option_list("OPTIONS", doc.options, false);
    out += option_list("OPTIONS OF EVERY COMMAND", doc.options, true);
    out += examples(spec);
    out +=
        ".SH EXIT STATUS\n0 done, 1 a definite no, 2 usage, 3 registry, 4 auth, 5 network, 6 "
        "limited, 7 integrity, "
        "8 precondition, 9 partial, 10 local; the whole table is in \\fBregtool\\fR(1).\n";
    return out + ".SH SEE ALSO\n\\fBregtool\\fR(1)\n";
}

std::string overview_page() {
    std::string out = heading("regtool");
    out += ".SH NAME\nregtool \\- look at, verify and move container images in registries\n";
    out +=
        ".SH SYNOPSIS\n\\fBregtool\\fR [\\fIoptions\\fR] \\fICOMMAND\\fR [\\fIarguments\\fR]\n.SH "
        "COMMANDS\n";
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden) {
            out += ".TP\n\\fBregtool " + roff(spec->path) + "\\fR\n" + roff(spec->summary) +
                   "; see \\fB" + roff(page_name(spec->path)) + "\\fR(1).\n";
        }
    }
    for (const Topic& topic : topics()) {
        out += ".SH " + upper(std::string(topic.title)) + "\n" + body(topic.text);
    }
    return out;
}

}  // namespace

std::string man_page(std::string_view name) {
    if (name == "regtool") {
        return overview_page();
    }
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden && page_name(spec->path) == name) {
            return command_page(*spec);
        }
    }
    throw base::UsageError("no manual page '" + std::string(name) + "'");
}

}  // namespace regtool::cli
