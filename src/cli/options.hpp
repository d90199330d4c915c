#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/config_file.hpp"
#include "regtool/ui/output.hpp"
#include "regtool/ui/progress_view.hpp"
#include "regtool/ui/terminal.hpp"

namespace CLI {
class App;
}

namespace regtool::cli {

/// The options that every command takes, as typed by the user or taken from REGTOOL_*.
struct GlobalOptions {
    std::string platform;
    std::string authfile;
    std::string creds;
    std::string src_creds;   ///< of commands with two sides; empty: creds
    std::string dest_creds;  ///< the same
    bool anonymous = false;
    std::string cacert;
    std::string cert;
    std::string key;
    std::string certs_dir;
    std::vector<std::string> plain_http;
    std::vector<std::string> insecure_tls;
    std::vector<std::string> insecure_credentials;
    std::string registries_conf;
    std::string config;
    std::chrono::milliseconds connect_timeout{15'000};
    std::chrono::milliseconds stall_timeout{60'000};
    std::optional<std::chrono::milliseconds> timeout;
    std::string user_agent;  ///< empty: regtool and its version
    int retries = 4;
    std::uint64_t max_requests = 0;
    int jobs = 6;
    std::uint64_t limit_rate = 0;
    std::string cache_dir;
    bool no_cache = false;
    ui::Format format = ui::Format::text;
    /// What else the command has for --format to say, and what that sets.
    std::map<std::string, std::function<void()>> command_formats;
    std::string command_format;  ///< as typed, when it is none of ui::Format
    std::string jq;
    bool quiet = false;
    int verbosity = 0;
    bool trace = false;
    bool as_curl = false;
    ui::ProgressMode progress = ui::ProgressMode::automatic;
    ui::ColorMode color = ui::ColorMode::automatic;
    ui::Layout layout = ui::Layout::automatic;
    bool creds_on_command_line = false;
};

enum class ReadEnvironment { no, yes };

/// Declares them on an app. The environment is read once, by the parser of what stands before the
/// command, so that a flag there is not overruled by a variable when the command's own words are
/// parsed.
void add_global_options(CLI::App& app, GlobalOptions& options, ReadEnvironment environment);

/// Lets the command have its own word of --format, once all that was typed is known. Throws
/// UsageError for a word that it does not have.
void apply_command_format(GlobalOptions& options);

/// What the value of an option of every command is one of, a blank between, the command's own words
/// of --format among them; empty where it is free text.
[[nodiscard]] std::string global_words(const GlobalOptions& options, const std::string& name);

/// --src-creds and --dest-creds, for commands that read from one place and write to another. Call
/// it in the command's declare().
void add_side_credentials(CLI::App& app, GlobalOptions& options);

/// Where an option's value comes from.
enum class Origin { builtin, file, environment, flag };

[[nodiscard]] std::string_view to_string(Origin origin) noexcept;

/// One option of every command, for `config get`.
struct OptionValue {
    std::string name;                 ///< "connect-timeout"
    std::vector<std::string> values;  ///< as typed; empty for a default
    Origin origin = Origin::builtin;
    bool secret = false;
};

/// Takes from the configuration file what neither a flag nor a variable gave. `outer` was parsed
/// before the command, `inner` with it; both point at the same GlobalOptions. Returns where each
/// option's value came from. Throws UsageError for a name or value that means nothing.
std::vector<OptionValue> apply_config_file(const ConfigFile& file,
                                           CLI::App& outer,
                                           CLI::App& inner);

/// "500k", "2M", "1.5G" (SI) or bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_rate(const std::string& text);

}  // namespace regtool::cli
