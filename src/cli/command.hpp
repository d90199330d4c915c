#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::cli {

class Arguments;
class Session;

/// One line of a help page's end: a command that runs, and what it is for.
struct Example {
    std::string_view command;
    std::string_view purpose;
};

/// Everything that is said about a command in one place: help, man page, completions and the parser
/// all follow it.
struct CommandSpec {
    std::string_view path;         ///< "blob verify"
    std::string_view alias;        ///< another path, or empty: "ls-tags"
    std::string_view group;        ///< heading in the overview
    std::string_view summary;      ///< one line, no full stop
    std::string_view description;  ///< paragraphs separated by blank lines
    std::span<const Example> examples;
    /// Binds options to a struct of the command's own and stores the action in the session; runs
    /// nothing.
    void (*declare)(Arguments&, Session&);
    bool hidden = false;
    /// Reads the configuration file: not what helps to mend it.
    bool configured = true;
};

/// The one visible table, in the order of the overview.
[[nodiscard]] std::span<const CommandSpec* const> commands() noexcept;

/// The command that the first one or two words name (the longer path wins), or nullptr. `used` is
/// how many words it took.
[[nodiscard]] const CommandSpec* find_command(const std::vector<std::string>& words,
                                              std::size_t& used);

/// Whether some command's path begins with this word: "blob", "layer".
[[nodiscard]] bool is_command_group(std::string_view word);

}  // namespace regtool::cli
