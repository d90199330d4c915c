#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace regtool::cli {

struct OptionDoc {
    std::vector<std::string> names;  ///< "-j", "--jobs"; for an argument its one name, "IMAGE"
    std::string value;               ///< "N"; empty for flags
    std::string help;
    std::string words;  ///< that the value is one of, a blank between them; empty: free text
    bool global = false;
    bool repeated = false;  ///< may be given more than once
    bool required = false;
};

/// A command as help, man page and completions see it, read off the parser itself so that they
/// cannot differ.
struct CommandDoc {
    const CommandSpec* spec = nullptr;
    std::vector<OptionDoc> arguments;
    std::vector<OptionDoc> options;

    /// "regtool blob verify [options] BLOB..."
    [[nodiscard]] std::string usage() const;
};

[[nodiscard]] CommandDoc describe(const CommandSpec& spec, const CLI::App& app);
/// Declares the command on an app of its own and describes that.
[[nodiscard]] CommandDoc describe(const CommandSpec& spec);

/// `--help` of one command, at most 80 columns.
[[nodiscard]] std::string render_help(const CommandDoc& doc);
/// `regtool --help`.
[[nodiscard]] std::string render_overview();
/// `regtool blob`: the commands of a group.
[[nodiscard]] std::string render_group(std::string_view word);

/// Text broken at blanks so that no line is wider than `width`; every line begins with `indent`
/// blanks. Lines of the text that begin with a blank are kept as they are.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 80);

/// Levenshtein distance, for "did you mean".
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace regtool::cli
