#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/help.hpp"

namespace regtool::cli {

// What the completion scripts of all shells are made from.

/// All commands but the hidden ones.
[[nodiscard]] std::vector<CommandDoc> completed_commands();

enum class ArgumentKind { image, repository, host, file, choice, other };

[[nodiscard]] ArgumentKind kind_of(const OptionDoc& argument);

/// The words with which a command may begin.
[[nodiscard]] std::string first_words();
/// "blob" -> "get head size verify"
[[nodiscard]] std::map<std::string, std::string> second_words();

[[nodiscard]] std::string option_words(const CommandDoc& doc);

/// Names of all options that take a value, each once: "--cacert|--cert|…".
[[nodiscard]] std::string value_options(const std::vector<CommandDoc>& docs);

/// By an option's name the words that its value is one of in most commands that have it.
[[nodiscard]] std::map<std::string, std::string> usual_words(const std::vector<CommandDoc>& docs);

/// Those that every command has, with their usual words.
[[nodiscard]] std::vector<OptionDoc> global_options(const std::vector<CommandDoc>& docs);

/// Longer paths before the shorter ones that are their beginning.
[[nodiscard]] std::vector<CommandDoc> longest_first(std::vector<CommandDoc> docs);

[[nodiscard]] std::string replace_all(std::string text, std::string_view from, std::string_view to);

}  // namespace regtool::cli
