#include "cli/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

constexpr const char* kGroup = "Options of every command";

/// "connect-timeout" -> "REGTOOL_CONNECT_TIMEOUT"
std::string variable_of(const std::string& long_name) {
    std::string variable = "REGTOOL_";
    for (const char c : long_name) {
        const bool lower = c >= 'a' && c <= 'z';
        variable += c == '-' ? '_' : (lower ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return variable;
}

/// Adds options of one app; each long name "--a-b" has the variable REGTOOL_A_B.
class Declarer {
  public:
    Declarer(CLI::App& app, ReadEnvironment environment) : app_(app), environment_(environment) {}

    template <class T>
    CLI::Option* option(const std::string& names,
                        T& target,
                        const std::string& value,
                        const std::string& help) {
        return finish(app_.add_option(names, target, help), value);
    }

    CLI::Option* function(const std::string& names,
                          const std::function<void(const std::string&)>& assign,
                          const std::string& value,
                          const std::string& help) {
        return finish(app_.add_option_function<std::string>(names, assign, help), value);
    }

    CLI::Option* flag(const std::string& names, bool& target, const std::string& help) {
        return finish(app_.add_flag(names, target, help), "");
    }

    CLI::Option* counter(const std::string& names, int& target, const std::string& help) {
        return finish(
            app_.add_flag_function(
                names, [&target](std::int64_t count) { target = static_cast<int>(count); }, help),
            "");
    }

    CLI::Option* list(const std::string& names,
                      std::vector<std::string>& target,
                      const std::string& value,
                      const std::string& help) {
        auto* option = app_.add_option_function<std::vector<std::string>>(
            names,
            [&target](const std::vector<std::string>& values) {
                target.insert(target.end(), values.begin(), values.end());
            },
            help);
        option->allow_extra_args(false)->delimiter(',');
        return finish(option, value);
    }

    [[nodiscard]] bool is_free(const std::string& name) const {
        return app_.get_option_no_throw(name) == nullptr;
    }

  private:
    CLI::Option* finish(CLI::Option* option, const std::string& value) {
        option->group(kGroup);
        if (!value.empty()) {
            option->type_name(value);
        }
        if (environment_ == ReadEnvironment::yes) {
            option->envname(variable_of(option->get_lnames().front()));
        }
        return option;
    }

    CLI::App& app_;
    ReadEnvironment environment_;
};

const std::map<std::string, ui::Format> kFormats{
    {"json", ui::Format::json}, {"ndjson", ui::Format::ndjson}, {"text", ui::Format::text}};

const std::map<std::string, ui::ProgressMode> kProgressModes{{"auto", ui::ProgressMode::automatic},
                                                             {"bar", ui::ProgressMode::bar},
                                                             {"json", ui::ProgressMode::json},
                                                             {"none", ui::ProgressMode::none},
                                                             {"plain", ui::ProgressMode::plain}};

const std::map<std::string, ui::ColorMode> kColorModes{{"always", ui::ColorMode::always},
                                                       {"auto", ui::ColorMode::automatic},
                                                       {"never", ui::ColorMode::never}};

/// "a, b, c"
template <class Value>
std::string names_of(const std::map<std::string, Value>& values, const char* between = ", ") {
    std::string names;
    for (const auto& [name, value] : values) {
        names += (names.empty() ? "" : between) + name;
    }
    return names;
}

template <class Enum>
std::function<void(const std::string&)> choice(Enum& target,
                                               const std::string& option,
                                               const std::map<std::string, Enum>& values) {
    return [&target, option, values](const std::string& text) {
        const auto found = values.find(text);
        if (found == values.end()) {
            throw CLI::ValidationError(option, "'" + text + "' is none of " + names_of(values));
        }
        target = found->second;
    };
}

std::chrono::milliseconds duration_of(const std::string& option, const std::string& text) {
    const auto duration = base::parse_duration(text);
    if (!duration) {
        throw CLI::ValidationError(option,
                                   "'" + text + "' is no duration such as 30s, 500ms or 2m");
    }
    return *duration;
}

void add_access_options(Declarer& add, GlobalOptions& options) {
    add.option("--platform", options.platform, "OS/ARCH",
               "Platform to take from an index (default: linux and this machine's)");
    add.option("--authfile", options.authfile, "FILE", "Read credentials from this file only");
    add.function(
        "--creds",
        [&options](const std::string& text) {
            options.creds = text;
            const char* variable = std::getenv("REGTOOL_CREDS");  // NOLINT(concurrency-mt-unsafe)
            options.creds_on_command_line = variable == nullptr || text != variable;
        },
        "USER[:PASS]", "Credentials for every registry of this command; better in REGTOOL_CREDS");
    add.flag("--anonymous", options.anonymous, "Send no credentials");
    add.option("--cacert", options.cacert, "FILE", "Trust these certificate authorities (PEM)");
    add.option("--cert", options.cert, "FILE", "Client certificate (PEM)");
    add.option("--key", options.key, "FILE", "Key of the client certificate (PEM)");
    add.option("--certs-dir", options.certs_dir, "DIR",
               "Look for HOST/*.crt, *.cert and *.key here instead of in certs.d");
    add.list("--plain-http", options.plain_http, "HOST",
             "Speak plain http to this host; may be repeated");
    add.list("--insecure-tls", options.insecure_tls, "HOST",
             "Do not verify this host's certificate; may be repeated");
    add.list("--insecure-credentials", options.insecure_credentials, "HOST",
             "Send credentials to this host although its certificate is not verified");
    add.option("--registries-conf", options.registries_conf, "FILE",
               "Read mirrors and places of registries from this registries.conf");
}

void add_transfer_options(Declarer& add, GlobalOptions& options) {
    add.function(
        "--user-agent",
        [&options](const std::string& text) {
            if (base::printable(text) != text) {
                throw CLI::ValidationError("--user-agent",
                                           "'" + base::printable(text) + "' is not plain text");
            }
            options.user_agent = text;
        },
        "TEXT", "Call itself this in requests (regtool/VERSION)");
    add.function(
        "--connect-timeout",
        [&options](const std::string& text) {
            options.connect_timeout = duration_of("--connect-timeout", text);
        },
        "TIME", "Give up a connection that is not ready by then (15s)");
    add.function(
        "--stall-timeout",
        [&options](const std::string& text) {
            options.stall_timeout = duration_of("--stall-timeout", text);
        },
        "TIME", "Give up a transfer that moves no byte for so long (60s)");
    add.function(
        "--timeout",
        [&options](const std::string& text) { options.timeout = duration_of("--timeout", text); },
        "TIME", "End the whole command after this time with exit code 124");
    add.option("--retries", options.retries, "N", "Repeat what may be repeated so often (4)")
        ->check(CLI::Range(0, 100).description(""));
    add.option("--max-requests", options.max_requests, "N",
               "End with exit code 6 before more requests than this are sent")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}).description(""));
    add.option("-j,--jobs", options.jobs, "N", "Do so much at once (6)")
        ->check(CLI::Range(1, 64).description(""));
    add.function(
        "--limit-rate",
        [&options](const std::string& text) {
            const auto rate = parse_rate(text);
            if (!rate) {
                throw CLI::ValidationError("--limit-rate",
                                           "'" + text + "' is no rate such as 500k or 2M");
            }
            options.limit_rate = *rate;
        },
        "RATE", "Bytes a second at most, of each transfer: 500k, 2M");
    add.option("--cache-dir", options.cache_dir, "DIR",
               "Keep indexes of layers here instead of in ~/.cache/regtool");
    add.flag("--no-cache", options.no_cache, "Neither use nor keep indexes of layers");
}

void add_output_options(Declarer& add, GlobalOptions& options) {
    add.function(
        "--format",
        [&options](const std::string& text) {
            const auto found = kFormats.find(text);
            options.command_format = found == kFormats.end() ? text : "";
            options.format = found == kFormats.end() ? ui::Format::text : found->second;
        },
        "FORMAT", "text, json or ndjson");
    add.option("--jq", options.jq, "EXPR", "Filter the JSON result; strings come out raw");
    add.flag("-q,--quiet", options.quiet, "No progress and no warnings");
    add.counter("-v,--verbose", options.verbosity, "Say more; may be repeated");
    add.flag("--trace", options.trace, "Show every request and answer, secrets removed");
    add.flag("--as-curl", options.as_curl,
             "Show every request as a curl command line, secrets as variables");
    add.function("--progress", choice(options.progress, "--progress", kProgressModes), "HOW",
                 "auto, bar, plain, json or none");
    add.function("--color", choice(options.color, "--color", kColorModes), "WHEN",
                 "auto, always or never");
    // `blob get IMAGE --config` means the image's own: there the file is named before the command.
    if (add.is_free("--config")) {
        add.option("--config", options.config, "FILE",
                   "Read options from here instead of ~/.config/regtool/config.toml");
    }
}

}  // namespace

void apply_command_format(GlobalOptions& options) {
    if (options.command_format.empty()) {
        return;
    }
    const auto found = options.command_formats.find(options.command_format);
    if (found != options.command_formats.end()) {
        found->second();
        return;
    }
    const std::string own = names_of(options.command_formats);
    throw base::UsageError("--format: '" + base::printable(options.command_format) +
                           "' is none of " + names_of(kFormats) + (own.empty() ? "" : ", " + own));
}

std::string global_words(const GlobalOptions& options, const std::string& name) {
    if (name == "--progress") {
        return names_of(kProgressModes, " ");
    }
    if (name == "--color") {
        return names_of(kColorModes, " ");
    }
    if (name != "--format") {
        return "";
    }
    const std::string own = names_of(options.command_formats, " ");
    return names_of(kFormats, " ") + (own.empty() ? "" : " " + own);
}

void add_global_options(CLI::App& app, GlobalOptions& options, ReadEnvironment environment) {
    Declarer add(app, environment);
    add_access_options(add, options);
    add_transfer_options(add, options);
    add_output_options(add, options);
}

void add_side_credentials(CLI::App& app, GlobalOptions& options) {
    const auto add = [&](const char* name, const char* variable, std::string& target,
                         const char* help) {
        app.add_option_function<std::string>(
               name,
               [&options, &target, variable](const std::string& text) {
                   const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
                   const bool typed = value == nullptr || text != value;
                   options.creds_on_command_line = options.creds_on_command_line || typed;
                   target = text;
               },
               help)
            ->type_name("USER[:PASS]")
            ->envname(variable);
    };
    add("--src-creds", "REGTOOL_SRC_CREDS", options.src_creds,
        "Credentials for the registry that is read, instead of --creds");
    add("--dest-creds", "REGTOOL_DEST_CREDS", options.dest_creds,
        "Credentials for the registry that is written, instead of --creds");
}

std::string_view to_string(Origin origin) noexcept {
    switch (origin) {
        case Origin::builtin:
            return "default";
        case Origin::file:
            return "file";
        case Origin::environment:
            return "environment";
        case Origin::flag:
            return "flag";
    }
    return "default";
}

namespace {

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : ",") + value;
    }
    return text;
}

void require_known(const ConfigFile& file, const std::set<std::string, std::less<>>& known) {
    for (const auto& [name, values] : file.options) {
        if (!known.contains(name)) {
            base::UsageError error(file.path + ": no option '" + base::printable(name, 64) + "'");
            error.set_hint("regtool config get");
            throw error;
        }
    }
}

/// As if it had been typed.
void assign(CLI::Option& option, const std::vector<std::string>& values, const std::string& path) {
    try {
        for (const std::string& text : values) {
            option.add_result(text);
        }
        option.run_callback();
    } catch (const CLI::ParseError& error) {
        throw base::UsageError(path + ": " + base::printable(error.what()));
    }
}

}  // namespace

std::vector<OptionValue> apply_config_file(const ConfigFile& file,
                                           CLI::App& outer,
                                           CLI::App& inner) {
    std::vector<OptionValue> all;
    std::set<std::string, std::less<>> known;
    for (CLI::Option* option :
         outer.get_options([](const CLI::Option* o) { return o->get_group() == kGroup; })) {
        const std::string name = option->get_lnames().front();
        CLI::Option* typed = inner.get_option_no_throw("--" + name);
        if (typed == nullptr || name == "help") {
            continue;
        }
        known.insert(name);
        OptionValue value{name, {}, Origin::builtin, name == "creds"};
        const auto found = file.options.find(name);
        if (typed->count() > 0) {
            value.values = typed->results();
            value.origin = Origin::flag;
        } else if (option->count() > 0) {
            value.values = option->results();
            const char* variable = std::getenv(  // NOLINT(concurrency-mt-unsafe): never set here
                option->get_envname().c_str());
            const bool same = variable != nullptr && joined(value.values) == variable;
            value.origin = same ? Origin::environment : Origin::flag;
        } else if (found != file.options.end() && name != "config") {
            value.values = found->second;
            value.origin = Origin::file;
            assign(*typed, found->second, file.path);
        }
        all.push_back(std::move(value));
    }
    require_known(file, known);
    return all;
}

std::optional<std::uint64_t> parse_rate(const std::string& text) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number <= 0 || !std::isfinite(number)) {
        return std::nullopt;
    }
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    double factor = 1;
    if (unit == "k" || unit == "K") {
        factor = 1e3;
    } else if (unit == "M") {
        factor = 1e6;
    } else if (unit == "G") {
        factor = 1e9;
    } else if (!unit.empty()) {
        return std::nullopt;
    }
    const double bytes = number * factor;
    return bytes >= 1 && bytes < 1e15 ? std::optional(static_cast<std::uint64_t>(bytes))
                                      : std::nullopt;
}

}  // namespace regtool::cli
