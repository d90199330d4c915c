#include "cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace regtool::cli {

Parameter* Parameter::required() {
    option_->required();
    return this;
}

Parameter* Parameter::type_name(const std::string& name) {
    option_->type_name(name);
    return this;
}

Parameter* Parameter::default_str(const std::string& text) {
    option_->default_str(text);
    return this;
}

Parameter* Parameter::allow_extra_args(bool allow) {
    option_->allow_extra_args(allow);
    return this;
}

Parameter* Parameter::expected(int least, int most) {
    option_->expected(least, most);
    return this;
}

Parameter* Parameter::excludes(Parameter* other) {
    option_->excludes(other->option_);
    return this;
}

Parameter* Parameter::needs(Parameter* other) {
    option_->needs(other->option_);
    return this;
}

Parameter* Parameter::range(std::int64_t least, std::int64_t most) {
    // Its description would become part of the value's name in help and completions.
    option_->check(CLI::Range(least, most).description(""));
    return this;
}

Parameter* Parameter::one_of(const std::vector<std::string>& words) {
    option_->check(CLI::IsMember(words).description(""));
    return suggest(words);
}

Parameter* Parameter::suggest(const std::vector<std::string>& words) {
    words_ = CLI::detail::join(words, " ");
    return this;
}

bool Parameter::is(const std::string& name) const {
    return option_->check_name(name);
}

Parameter* Parameter::check(const std::function<std::string(const std::string& value)>& judge) {
    option_->check(CLI::Validator([judge](std::string& value) { return judge(value); },
                                  std::string(), std::string()));
    return this;
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::string& target,
                                 const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::optional<std::string>& target,
                                 const std::string& help) {
    return add_option_function(
        names, [&target](const std::string& value) { target = value; }, help);
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::vector<std::string>& target,
                                 const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option(const std::string& names, int& target, const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::uint64_t& target,
                                 const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::optional<int>& target,
                                 const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option(const std::string& names,
                                 std::optional<std::uint64_t>& target,
                                 const std::string& help) {
    return keep(app_.add_option(names, target, help));
}

Parameter* Arguments::add_option_function(const std::string& names,
                                          const std::function<void(const std::string&)>& assign,
                                          const std::string& help) {
    return keep(app_.add_option_function<std::string>(names, assign, help));
}

Parameter* Arguments::add_flag(const std::string& names, bool& target, const std::string& help) {
    return keep(app_.add_flag(names, target, help));
}

Parameter* Arguments::add_flag_callback(const std::string& names,
                                        const std::function<void()>& given,
                                        const std::string& help) {
    return keep(app_.add_flag_callback(names, given, help));
}

Parameter* Arguments::add_words(const std::string& names,
                                const std::vector<std::string>& words,
                                const std::function<void(std::size_t)>& chosen,
                                const std::string& help) {
    Parameter* parameter = add_option_function(
        names,
        [words, chosen](const std::string& word) {
            const auto found = std::find(words.begin(), words.end(), word);
            chosen(static_cast<std::size_t>(found - words.begin()));
        },
        help);
    return parameter->one_of(words);
}

std::string Arguments::words_of(const std::string& name) const {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&name](const Parameter& each) { return each.is(name); });
    return found == parameters_.end() ? "" : found->words();
}

}  // namespace regtool::cli
