#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace regtool::cli {

/// What a `[host."H"]` table says of one host.
struct HostConfig {
    bool plain_http = false;
    bool insecure_tls = false;
    bool insecure_credentials = false;
    bool allow_private = false;  ///< redirects and realms may lead to it on a private address
    std::string cacert;
    std::string cert;
    std::string key;
    std::vector<std::string> realms;  ///< token servers that may see this registry's credentials
};

/// The configuration file as read: options by their long name, each with its values as they would
/// be typed, and what belongs to single hosts.
struct ConfigFile {
    std::string path;  ///< empty when there is none
    std::map<std::string, std::vector<std::string>, std::less<>> options;
    std::map<std::string, HostConfig, std::less<>> hosts;  ///< by "host" or "host:port", lower case

    /// The table of "host:port", else that of the host alone; nullptr when there is none.
    [[nodiscard]] const HostConfig* host(std::string_view host_port) const;
};

/// Reads `named` (which must exist), else $XDG_CONFIG_HOME/regtool/config.toml, else
/// ~/.config/regtool/config.toml; an empty ConfigFile when neither is there. Throws UsageError for
/// a table or value that means nothing (names of options are the caller's to judge), IoError for a
/// file that cannot be read.
[[nodiscard]] ConfigFile load_config_file(
    const std::string& named,
    const std::function<std::optional<std::string>(const char*)>& environment);

}  // namespace regtool::cli
