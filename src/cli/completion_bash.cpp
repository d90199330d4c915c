#include <set>

#include "cli/completion_table.hpp"
#include "cli/completions.hpp"

namespace regtool::cli {

namespace {

// clang-format off: what is another language's stays as it is
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

// clang-format on

/// `command` as the pattern of "$first:$second": "diff:*", "manifest:diff".
std::string bash_pattern(const CommandDoc& doc) {
    const std::string path(doc.spec->path);
    const std::size_t blank = path.find(' ');
    return blank == std::string::npos ? path + ":*"
                                      : path.substr(0, blank) + ":" + path.substr(blank + 1);
}

std::string bash_value_case(const std::string& pattern, const std::string& words) {
    return "        " + pattern + ") COMPREPLY=($(compgen -W \"" + words +
           "\" -- \"$cur\")); return 0 ;;\n";
}

std::string bash_value_cases(const std::vector<CommandDoc>& docs) {
    const std::map<std::string, std::string> usual = usual_words(docs);
    std::set<std::string> files;
    std::string out = "    case $first:$second:$prev in\n";
    for (const CommandDoc& doc : longest_first(docs)) {
        for (const OptionDoc& option : doc.options) {
            for (const std::string& name : option.names) {
                if (option.value == "FILE") {
                    files.insert(name);
                } else if (!option.words.empty() && option.words != usual.at(name)) {
                    out += bash_value_case(bash_pattern(doc) + ":" + name, option.words);
                }
            }
        }
    }
    for (const auto& [name, words] : usual) {
        if (!words.empty()) {
            out += bash_value_case("*:" + name, words);
        }
    }
    std::string file_names;
    for (const std::string& name : files) {
        file_names += (file_names.empty() ? "*:" : "|*:") + name;
    }
    out += "        " + file_names + ") COMPREPLY=($(compgen -f -- \"$cur\")); return 0 ;;\n";
    out += "    esac\n    case $prev in\n";
    return out + "        " + value_options(docs) + ") return 0 ;;\n    esac\n";
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
            return "words=\"" + argument.words + "\"";
        case ArgumentKind::other:
            break;
    }
    return "";
}

}  // namespace

std::string bash_completion() {
    const std::vector<CommandDoc> docs = completed_commands();
    std::string out = kBashHead;
    out += "            " + value_options(docs) + ") skip=1 ;;\n";
    out += "            -*) ;;\n";
    out +=
        "            *) if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then "
        "second=$word; fi ;;\n";
    out += "        esac\n    done\n";
    out += bash_value_cases(docs);
    out += "    case \"$first $second\" in\n";
    for (const CommandDoc& doc : longest_first(docs)) {
        const std::string path(doc.spec->path);
        const bool pair = path.find(' ') != std::string::npos;
        out += "        \"" + path + (pair ? "\")\n" : " \"*)\n");
        out += "            options=\"" + option_words(doc) + "\"\n";
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

}  // namespace regtool::cli
