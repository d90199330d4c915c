#include "cli/completion_table.hpp"

#include <algorithm>
#include <set>

namespace regtool::cli {

std::vector<CommandDoc> completed_commands() {
    std::vector<CommandDoc> docs;
    for (const CommandSpec* spec : commands()) {
        if (!spec->hidden) {
            docs.push_back(describe(*spec));
        }
    }
    return docs;
}

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
    return argument.words.empty() ? ArgumentKind::other : ArgumentKind::choice;
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

std::map<std::string, std::string> usual_words(const std::vector<CommandDoc>& docs) {
    std::map<std::string, std::map<std::string, int>> uses;
    for (const CommandDoc& doc : docs) {
        for (const OptionDoc& option : doc.options) {
            for (const std::string& name : option.names) {
                ++uses[name][option.words];
            }
        }
    }
    std::map<std::string, std::string> usual;
    for (const auto& [name, by_words] : uses) {
        usual[name] =
            std::max_element(by_words.begin(), by_words.end(), [](const auto& a, const auto& b) {
                return a.second < b.second;
            })->first;
    }
    return usual;
}

std::vector<OptionDoc> global_options(const std::vector<CommandDoc>& docs) {
    const std::map<std::string, std::string> usual = usual_words(docs);
    std::vector<OptionDoc> options;
    for (const OptionDoc& option : docs.front().options) {
        if (option.global) {
            options.push_back(option);
            options.back().words = usual.at(option.names.front());
        }
    }
    return options;
}

std::vector<CommandDoc> longest_first(std::vector<CommandDoc> docs) {
    std::stable_sort(docs.begin(), docs.end(), [](const CommandDoc& a, const CommandDoc& b) {
        return a.spec->path.size() > b.spec->path.size();
    });
    return docs;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace regtool::cli
