#include "cli/completions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "cli/help.hpp"

namespace regtool::cli {

namespace {

std::vector<CommandDoc> all_docs() {
    std::vector<CommandDoc> docs;
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden) {
            docs.push_back(describe(*spec));
        }
    }
    return docs;
}

/// Words that an option's value is one of; empty when it is free text.
std::string choices_of(const std::string& value) {
    static const std::map<std::string, std::string> kChoices{
        {"FORMAT", "text json ndjson"},
        {"FORM", "oci docker"},
        {"HOW", "auto bar plain json none"},
        {"WHEN", "auto always never"},
        {"ORDER", "name semver created"},
        {"SHELL", "bash zsh fish"},
        {"TOPIC", "exit-codes references authentication formatting environment transports"}};
    const auto found = kChoices.find(value);
    return found == kChoices.end() ? "" : found->second;
}

enum class ArgumentKind { image, repository, host, file, choice, other };

ArgumentKind kind_of(const OptionDoc& argument) {
    const std::string& name = argument.names.front();
    if (name == "IMAGE" || name == "BLOB" || name == "NEW") {
        return ArgumentKind::image;
    }
    if (name == "REPO") {
        return ArgumentKind::repository;
    }
    if (name == "HOST") {
        return ArgumentKind::host;
    }
    if (name == "FILE") {
        return ArgumentKind::file;
    }
    return choices_of(name).empty() ? ArgumentKind::other : ArgumentKind::choice;
}

std::string first_words() {
    std::set<std::string> words;
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden) {
            words.emplace(spec->path.substr(0, spec->path.find(' ')));
        }
    }
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + word;
    }
    return out;
}

/// "blob" -> "get head size verify"
std::map<std::string, std::string> second_words() {
    std::map<std::string, std::string> groups;
    for (const CommandSpec* spec : commands()) {
        const std::size_t blank = spec->path.find(' ');
        if (!spec->hidden && blank != std::string_view::npos) {
            std::string& list = groups[std::string(spec->path.substr(0, blank))];
            list += (list.empty() ? "" : " ") + std::string(spec->path.substr(blank + 1));
        }
    }
    return groups;
}

std::string option_words(const CommandDoc& doc) {
    std::string out;
    for (const OptionDoc& option : doc.options) {
        for (const std::string& name : option.names) {
            out += (out.empty() ? "" : " ") + name;
        }
    }
    return out;
}

/// Names of all options that take a value, each once: "--cacert|--cert|…".
std::string value_options(const std::vector<CommandDoc>& docs) {
    std::set<std::string> names;
    for (const CommandDoc& doc : docs) {
        for (const OptionDoc& option : doc.options) {
            if (!option.value.empty()) {
                names.insert(option.names.begin(), option.names.end());
            }
        }
    }
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : "|") + name;
    }
    return out;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

// The parts of the scripts that do not depend on the table.

constexpr const char* kBashHead =
    R"script(# bash completion for regtool, made by "regtool completion bash"

# Names from the registry: repositories of a host, tags of a repository.
_regtool_names() {
    local cur=$1 base
    local quick="--quiet --retries 0 --timeout 2s"
    case $cur in
        *@*) ;;
        */*:*|[!/]*:[!0-9/]*)
            base=${cur%:*}
            regtool tags $quick "$base" 2>/dev/null | sed "s|^|$base:|" ;;
        */*)
            base=${cur%%/*}
            regtool catalog $quick "$base" 2>/dev/null | sed "s|^|$base/|" ;;
    esac
}

_regtool() {
    local line=${COMP_LINE:0:COMP_POINT} cur prev="" word command="" options="" words="" first="" second=""
    cur=${line##*[[:space:]]}
    line=${line%"$cur"}
    local -a typed
    read -ra typed <<< "$line"
    local skip=""
    for word in "${typed[@]:1}"; do
        prev=$word
        if [[ -n $skip ]]; then skip=""; continue; fi
        case $word in
)script";

constexpr const char* kBashTail = R"script(    local colon=""
    if [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]]; then
        colon=${cur%"${cur##*:}"}
    fi
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("${candidate#"$colon"}")
    done < <(compgen -W "$words" -- "$cur")
    [[ ${COMPREPLY[0]} == *: || ${COMPREPLY[0]} == */ ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _regtool regtool
)script";

std::string bash_value_cases(const std::vector<CommandDoc>& docs) {
    std::map<std::string, std::string> by_choice;
    std::set<std::string> files;
    for (const CommandDoc& doc : docs) {
        for (const OptionDoc& option : doc.options) {
            for (const std::string& name : option.names) {
                if (option.value == "FILE") {
                    files.insert(name);
                } else if (const std::string choices = choices_of(option.value); !choices.empty()) {
                    by_choice[name] = choices;
                }
            }
        }
    }
    std::string out = "    case $prev in\n";
    for (const auto& [name, choices] : by_choice) {
        out += "        " + name + ") COMPREPLY=($(compgen -W \"" + choices +
               "\" -- \"$cur\")); return 0 ;;\n";
    }
    std::string file_names;
    for (const std::string& name : files) {
        file_names += (file_names.empty() ? "" : "|") + name;
    }
    out += "        " + file_names + ") COMPREPLY=($(compgen -f -- \"$cur\")); return 0 ;;\n";
    out += "        " + value_options(docs) + ") return 0 ;;\n    esac\n";
    return out;
}

std::string bash_words_for(const CommandDoc& doc) {
    if (doc.arguments.empty()) {
        return "";
    }
    const OptionDoc& argument = doc.arguments.front();
    switch (kind_of(argument)) {
        case ArgumentKind::image:
        case ArgumentKind::repository:
        case ArgumentKind::host:
            return "words=$(_regtool_names \"$cur\")";
        case ArgumentKind::file:
            return "words=$(compgen -f -- \"$cur\")";
        case ArgumentKind::choice:
            return "words=\"" + choices_of(argument.names.front()) + "\"";
        case ArgumentKind::other:
            break;
    }
    return "";
}

std::string zsh_escape(const std::string& text) {
    std::string out = replace_all(text, "'", "'\\''");
    out = replace_all(out, "[", "\\[");
    out = replace_all(out, "]", "\\]");
    return replace_all(out, ":", "\\:");
}

std::string zsh_action(const std::string& value) {
    if (value == "FILE") {
        return "_files";
    }
    const std::string choices = choices_of(value);
    return choices.empty() ? " " : "(" + choices + ")";
}

std::string zsh_argument(const OptionDoc& argument) {
    std::string action;
    switch (kind_of(argument)) {
        case ArgumentKind::image:
        case ArgumentKind::repository:
        case ArgumentKind::host:
            action = "_regtool_names";
            break;
        case ArgumentKind::file:
            action = "_files";
            break;
        case ArgumentKind::choice:
            action = "(" + choices_of(argument.names.front()) + ")";
            break;
        case ArgumentKind::other:
            action = " ";
            break;
    }
    const std::string prefix = argument.repeated ? "*:" : (argument.required ? ":" : "::");
    return "'" + prefix + argument.names.front() + ":" + action + "'";
}

std::string zsh_options(const std::vector<OptionDoc>& options, bool global) {
    std::string out;
    for (const OptionDoc& option : options) {
        if (option.global != global) {
            continue;
        }
        for (const std::string& name : option.names) {
            out += "            '" + std::string(option.repeated ? "*" : "") + name + "[" +
                   zsh_escape(option.help) + "]";
            out += option.value.empty() ? "'"
                                        : ":" + option.value + ":" + zsh_action(option.value) + "'";
            out += " \\\n";
        }
    }
    return out;
}

constexpr const char* kZshHead = R"script(#compdef regtool
# zsh completion for regtool, made by "regtool completion zsh"

# Names from the registry: repositories of a host, tags of a repository.
_regtool_names() {
    local cur=${(Q)PREFIX} base
    local -a names quick
    quick=(--quiet --retries 0 --timeout 2s)
    case $cur in
        *@*) ;;
        */*:*|[^/]##:[^0-9/]*)
            base=${cur%:*}
            names=(${(f)" $(regtool tags $quick $base 2 > / dev / null) "})
    names = (${names / # / $base : });
;

        */*)
            base=${cur%%/*}
            names=(${(f)"$(regtool catalog $quick $base 2>/dev/null)"})
            names=(${names/#/$base/}) ;;
    esac
    compadd -Q -- $names
}

)script";

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
        const std::string choices = choices_of(option.value);
        line += choices.empty() ? " -x" : " -xa " + fish_quote(choices);
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
            return line + " -a " + fish_quote(choices_of(argument.names.front())) + "\n";
        case ArgumentKind::other:
            break;
    }
    return "";
}

}  // namespace

std::string bash_completion() {
    const std::vector<CommandDoc> docs = all_docs();
    std::string out = kBashHead;
    out += "            " + value_options(docs) + ") skip=1 ;;\n";
    out += "            -*) ;;\n";
    out +=
        "            *) if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then "
        "second=$word; fi ;;\n";
    out += "        esac\n    done\n";
    out += bash_value_cases(docs);
    out += "    case \"$first $second\" in\n";
    // A longer path stands before the shorter one that is its beginning.
    std::vector<const CommandDoc*> ordered;
    for (const CommandDoc& doc : docs) {
        ordered.push_back(&doc);
    }
    std::stable_sort(ordered.begin(), ordered.end(), [](const CommandDoc* a, const CommandDoc* b) {
        return a->spec->path.size() > b->spec->path.size();
    });
    for (const CommandDoc* doc : ordered) {
        const std::string path(doc->spec->path);
        const bool pair = path.find(' ') != std::string::npos;
        out += "        \"" + path + (pair ? "\")\n" : " \"*)\n");
        out += "            options=\"" + option_words(*doc) + "\"\n";
        out += "            command=\"" + path + "\" ;;\n";
    }
    out += "    esac\n";
    out += "    if [[ $cur == -* ]]; then\n        words=${options:-\"--help --version\"}\n";
    out += "    elif [[ -z $first ]]; then\n        words=\"" + first_words() + "\"\n    else\n";
    out += "        case $command in\n";
    for (const CommandDoc& doc : docs) {
        if (const std::string words = bash_words_for(doc); !words.empty()) {
            out += "            \"" + std::string(doc.spec->path) + "\") " + words + " ;;\n";
        }
    }
    out += "        esac\n        if [[ -z $second ]]; then\n            case $first in\n";
    for (const auto& [group, words] : second_words()) {
        out += "                " + group + ") words=\"" + words + " $words\" ;;\n";
    }
    out += "            esac\n        fi\n    fi\n";
    return out + kBashTail;
}

std::string zsh_completion() {
    const std::vector<CommandDoc> docs = all_docs();
    std::string out = kZshHead;
    out += "_regtool() {\n    local -a global\n    local i first second\n    global=(\n";
    out += zsh_options(docs.front().options, true);
    out = replace_all(out, " \\\n", "\n");
    out += "    )\n";
    out += "    for (( i = 2; i < CURRENT; i++ )); do\n";
    out += "        case ${words[i]} in\n            " + value_options(docs) +
           ") (( i++ )) ;;\n            -*) ;;\n";
    out +=
        "            *) if [[ -z $first ]]; then first=${words[i]}; elif [[ -z $second ]]; "
        "then second=${words[i]}; "
        "fi ;;\n        esac\n    done\n";
    out += "    if [[ -z $first ]]; then\n        _arguments $global '1:command:(" + first_words() +
           ")'\n        return\n    fi\n";
    for (const auto& [group, words] : second_words()) {
        out += "    if [[ $first == " + group +
               " && -z $second && $PREFIX != -* ]]; then\n        compadd " + words + "\n    fi\n";
    }
    out += "    local -a typed=(${words})\n    case \"$first $second\" in\n";
    std::vector<CommandDoc> ordered = docs;
    std::stable_sort(ordered.begin(), ordered.end(), [](const CommandDoc& a, const CommandDoc& b) {
        return a.spec->path.size() > b.spec->path.size();
    });
    for (const CommandDoc& doc : ordered) {
        const std::string path(doc.spec->path);
        const bool pair = path.find(' ') != std::string::npos;
        out += "        '" + path + (pair ? "')\n" : " '*)\n");
        out += "            words=(regtool ${words[" + std::string(pair ? "4" : "3") + ",-1]})\n";
        out += "            (( CURRENT -= " + std::string(pair ? "2" : "1") + " ))\n";
        out += "            _arguments $global \\\n";
        out += zsh_options(doc.options, false);
        for (const OptionDoc& argument : doc.arguments) {
            out += "            " + zsh_argument(argument) + " \\\n";
        }
        out += "            && return ;;\n";
    }
    return out + "    esac\n}\n\n_regtool \"$@\"\n";
}

std::string fish_completion() {
    const std::vector<CommandDoc> docs = all_docs();
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
    for (const OptionDoc& option : docs.front().options) {
        if (option.global) {
            out += fish_option("", option);
        }
    }
    for (const CommandDoc& doc : docs) {
        const std::string condition = "__regtool_using '" + std::string(doc.spec->path) + "'";
        for (const OptionDoc& option : doc.options) {
            if (!option.global) {
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
