#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace regtool::cli {

/// One option, flag or positional argument of a command; its methods return itself, to be chained.
/// Owned by its Arguments.
class Parameter {
  public:
    explicit Parameter(CLI::Option* option) noexcept : option_(option) {}

    Parameter* required();
    /// The word that help shows for the value: "FILE".
    Parameter* type_name(const std::string& name);
    /// What help shows as the default; empty: nothing.
    Parameter* default_str(const std::string& text);
    /// One value for each time the option is given, so that an argument may follow.
    Parameter* allow_extra_args(bool allow);
    /// So many values; -1 as `most`: without an end.
    Parameter* expected(int least, int most);
    /// Not together with the other one.
    Parameter* excludes(Parameter* other);
    Parameter* needs(Parameter* other);
    /// Whole numbers from `least` to `most`.
    Parameter* range(std::int64_t least, std::int64_t most);
    /// One of these words.
    Parameter* one_of(const std::vector<std::string>& words);
    /// Completions offer these words; others are taken as well.
    Parameter* suggest(const std::vector<std::string>& words);
    /// A value that `judge` says a complaint about is refused; an empty complaint takes it.
    Parameter* check(const std::function<std::string(const std::string& value)>& judge);

    /// Whether it is "--sort", "-o" or, as an argument, "IMAGE".
    [[nodiscard]] bool is(const std::string& name) const;

    /// Of one_of() or suggest(), a blank between them.
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    CLI::Option* option_;
    std::string words_;
};

/// What a command declares its parameters on: a narrow front of CLI11, whose headers take four
/// seconds to compile wherever they are included. Lives while a command is declared; what is bound
/// must live until the action has run.
class Arguments {
  public:
    explicit Arguments(CLI::App& app) noexcept : app_(app) {}

    Parameter* add_option(const std::string& names, std::string& target, const std::string& help);
    Parameter* add_option(const std::string& names,
                          std::optional<std::string>& target,
                          const std::string& help);
    Parameter* add_option(const std::string& names,
                          std::vector<std::string>& target,
                          const std::string& help);
    Parameter* add_option(const std::string& names, int& target, const std::string& help);
    Parameter* add_option(const std::string& names, std::uint64_t& target, const std::string& help);
    Parameter* add_option(const std::string& names,
                          std::optional<int>& target,
                          const std::string& help);
    Parameter* add_option(const std::string& names,
                          std::optional<std::uint64_t>& target,
                          const std::string& help);
    /// `assign` throws UsageError for a value that means nothing.
    Parameter* add_option_function(const std::string& names,
                                   const std::function<void(const std::string&)>& assign,
                                   const std::string& help);
    Parameter* add_flag(const std::string& names, bool& target, const std::string& help);
    Parameter* add_flag_callback(const std::string& names,
                                 const std::function<void()>& given,
                                 const std::string& help);

    /// One of a few words, each of which stands for a value.
    template <class Value>
    Parameter* add_choice(const std::string& names,
                          Value& target,
                          const std::vector<std::pair<std::string, Value>>& choices,
                          const std::string& help) {
        std::vector<std::string> words;
        for (const auto& [word, value] : choices) {
            words.push_back(word);
        }
        return add_words(
            names, words, [choices, &target](std::size_t i) { target = choices[i].second; }, help);
    }

    /// What the value of a parameter of this name is one of; empty: free text.
    [[nodiscard]] std::string words_of(const std::string& name) const;

  private:
    Parameter* add_words(const std::string& names,
                         const std::vector<std::string>& words,
                         const std::function<void(std::size_t)>& chosen,
                         const std::string& help);

    Parameter* keep(CLI::Option* option) { return &parameters_.emplace_back(option); }

    CLI::App& app_;
    std::deque<Parameter> parameters_;
};

}  // namespace regtool::cli
