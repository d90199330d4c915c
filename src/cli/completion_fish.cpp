#include "cli/completion_table.hpp"
#include "cli/completions.hpp"

namespace regtool::cli {

namespace {

// clang-format off: what is another language's stays as it is
constexpr const char* kFishHead =
    R"script(# fish completion for regtool, made by "regtool completion fish"

# The words of the command that were typed so far, options left out.
function __regtool_words
    set -l tokens (commandline -opc)
    set -e tokens[1]
    for token in $tokens
        string match -q -- '-*' $token; or echo $token
    end
end

function __regtool_needs_command
    test (count (__regtool_words)) -eq 0
end

function __regtool_in_group
    set -l words (__regtool_words)
    test (count $words) -eq 1; and test "$words[1]" = "$argv[1]"
end

function __regtool_using
    set -l words (__regtool_words)
    set -l want (string split ' ' -- $argv[1])
    test (count $words) -ge (count $want); or return 1
    for i in (seq (count $want))
        test "$words[$i]" = "$want[$i]"; or return 1
    end
end

# Names from the registry: repositories of a host, tags of a repository.
function __regtool_names
    set -l cur (commandline -ct)
    set -l quick --quiet --retries 0 --timeout 2s
    if string match -qr '^.*/.*:[^/]*$|^[^/]+:[^0-9/][^/]*$' -- $cur
        set -l base (string replace -r ':[^:/]*$' '' -- $cur)
        regtool tags $quick $base 2>/dev/null | string replace -r '^' "$base:"
    else if string match -q '*/*' -- $cur
        set -l base (string split -m1 / -- $cur)[1]
        regtool catalog $quick $base 2>/dev/null | string replace -r '^' "$base/"
    end
end

complete -c regtool -f
)script";

// clang-format on

std::string fish_quote(const std::string& text) {
    return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_option(const std::string& condition, const OptionDoc& option) {
    std::string line = "complete -c regtool";
    if (!condition.empty()) {
        line += " -n " + fish_quote(condition);
    }
    for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    if (option.value == "FILE") {
        line += " -rF";
    } else if (!option.value.empty()) {
        line += option.words.empty() ? " -x" : " -xa " + fish_quote(option.words);
    }
    return line + " -d " + fish_quote(option.help) + "\n";
}

std::string fish_argument(const std::string& condition, const OptionDoc& argument) {
    std::string line = "complete -c regtool -n " + fish_quote(condition);
    switch (kind_of(argument)) {
        case ArgumentKind::image:
        case ArgumentKind::repository:
        case ArgumentKind::host:
            return line + " -a '(__regtool_names)'\n";
        case ArgumentKind::file:
            return line + " -F\n";
        case ArgumentKind::choice:
            return line + " -a " + fish_quote(argument.words) + "\n";
        case ArgumentKind::other:
            break;
    }
    return "";
}

}  // namespace

std::string fish_completion() {
    const std::vector<CommandDoc> docs = completed_commands();
    std::string out = kFishHead;
    for (const CommandDoc& doc : docs) {
        const std::string path(doc.spec->path);
        const std::size_t blank = path.find(' ');
        if (blank == std::string::npos) {
            out += "complete -c regtool -n __regtool_needs_command -a " + path + " -d " +
                   fish_quote(std::string(doc.spec->summary)) + "\n";
        }
    }
    for (const auto& [group, words] : second_words()) {
        out += "complete -c regtool -n __regtool_needs_command -a " + group + "\n";
        out += "complete -c regtool -n " + fish_quote("__regtool_in_group " + group) + " -a " +
               fish_quote(words) + "\n";
    }
    const std::map<std::string, std::string> usual = usual_words(docs);
    for (const OptionDoc& option : global_options(docs)) {
        out += fish_option("", option);
    }
    for (const CommandDoc& doc : docs) {
        const std::string condition = "__regtool_using '" + std::string(doc.spec->path) + "'";
        for (const OptionDoc& option : doc.options) {
            if (!option.global || option.words != usual.at(option.names.front())) {
                out += fish_option(condition, option);
            }
        }
        if (!doc.arguments.empty()) {
            out += fish_argument(condition, doc.arguments.front());
        }
    }
    return out;
}

}  // namespace regtool::cli
