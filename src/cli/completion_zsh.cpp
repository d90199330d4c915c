#include "cli/completion_table.hpp"
#include "cli/completions.hpp"

namespace regtool::cli {

namespace {

// clang-format off: what is another language's stays as it is
constexpr const char* kZshHead =
    R"script(#compdef regtool
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
            names=(${(f)"$(regtool tags $quick $base 2>/dev/null)"})
            names=(${names/#/$base:}) ;;
        */*)
            base=${cur%%/*}
            names=(${(f)"$(regtool catalog $quick $base 2>/dev/null)"})
            names=(${names/#/$base/}) ;;
    esac
    compadd -Q -- $names
}

)script";

constexpr const char* kZshTail =
    R"script(# Loaded by compinit it is the function itself; sourced, it has yet to be named.
if [[ $funcstack[1] == _regtool ]]; then
    _regtool "$@"
else
    compdef _regtool regtool
fi
)script";

// clang-format on

std::string zsh_escape(const std::string& text) {
    std::string out = replace_all(text, "'", "'\\''");
    out = replace_all(out, "[", "\\[");
    out = replace_all(out, "]", "\\]");
    return replace_all(out, ":", "\\:");
}

std::string zsh_action(const OptionDoc& option) {
    if (option.value == "FILE") {
        return "_files";
    }
    return option.words.empty() ? " " : "(" + option.words + ")";
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
            action = "(" + argument.words + ")";
            break;
        case ArgumentKind::other:
            action = " ";
            break;
    }
    const std::string prefix = argument.repeated ? "*:" : (argument.required ? ":" : "::");
    return "'" + prefix + argument.names.front() + ":" + action + "'";
}

std::string zsh_option(const OptionDoc& option) {
    std::string out;
    for (const std::string& name : option.names) {
        out += "            '" + std::string(option.repeated ? "*" : "") + name + "[" +
               zsh_escape(option.help) + "]";
        out += option.value.empty() ? "'" : ":" + option.value + ":" + zsh_action(option) + "'";
        out += " \\\n";
    }
    return out;
}

}  // namespace

std::string zsh_completion() {
    const std::vector<CommandDoc> docs = completed_commands();
    std::string out = kZshHead;
    out += "_regtool() {\n    local -a global\n    local i first second\n    global=(\n";
    const std::map<std::string, std::string> usual = usual_words(docs);
    for (const OptionDoc& option : global_options(docs)) {
        out += replace_all(zsh_option(option), " \\\n", "\n");
    }
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
    for (const CommandDoc& doc : longest_first(docs)) {
        const std::string path(doc.spec->path);
        const bool pair = path.find(' ') != std::string::npos;
        out += "        '" + path + (pair ? "')\n" : " '*)\n");
        // In quotes, or an empty last word would be lost.
        out += "            words=(regtool \"${(@)words[" + std::string(pair ? "4" : "3") +
               ",-1]}\")\n";
        out += "            (( CURRENT -= " + std::string(pair ? "2" : "1") + " ))\n";
        // Of the options of every command those with words of this command's own come apart.
        std::string usual_ones = "$global";
        std::string own;
        for (const OptionDoc& option : doc.options) {
            const bool other_words = option.words != usual.at(option.names.front());
            if (option.global && other_words) {
                usual_ones = "${global:#" + option.names.back() + "\\[*}";
            }
            own += !option.global || other_words ? zsh_option(option) : "";
        }
        out += "            _arguments " + usual_ones + " \\\n" + own;
        for (const OptionDoc& argument : doc.arguments) {
            out += "            " + zsh_argument(argument) + " \\\n";
        }
        out += "            && return ;;\n";
    }
    return out + "    esac\n}\n\n" + kZshTail;
}

}  // namespace regtool::cli
