#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "cli/config_file.hpp"
#include "cli/options.hpp"
#include "cli/registries_conf.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/host_settings.hpp"
#include "regtool/model/reference.hpp"

namespace regtool::cli {

/// What the user allows and gives to single hosts: from flags, the configuration file and
/// registries.conf. Thread-safe once made.
class HostRules {
  public:
    using Environment = std::function<std::optional<std::string>(const char*)>;

    /// Borrows `options` and `log`. The options in `config` are those that it decides: they yield
    /// to what its own table says of a host, while flags and variables do not.
    HostRules(const GlobalOptions& options,
              ConfigFile config,
              RegistriesConf registries,
              Environment environment,
              base::Log& log);

    /// Plain http was asked for: --plain-http, plain-http.
    [[nodiscard]] bool speaks_plain_http(const model::RegistryHost& host) const;
    /// May turn out to speak plain http: `insecure` of registries.conf (INS-04).
    [[nodiscard]] bool may_speak_plain_http(const model::RegistryHost& host) const;
    /// TLS of "host:port". Certificates belong to registries that the user named, under the very
    /// name that was used (`registry`): never to token servers or storage behind a redirect
    /// (TLS-03, TLS-07).
    [[nodiscard]] http::HostSettings tls(std::string_view host_port,
                                         const std::optional<model::RegistryHost>& registry) const;
    /// A redirect or realm may lead to this host on a private address (T-08).
    [[nodiscard]] bool allows_private(std::string_view host_port) const;
    /// This token server may see this registry's credentials (ATH-07).
    [[nodiscard]] bool allows_realm(const model::RegistryHost& registry,
                                    std::string_view realm_host) const;
    /// Credentials for a host whose certificate is not verified need a word of their own (TLS-09).
    [[nodiscard]] bool allows_credentials(const model::RegistryHost& host) const;

    /// `insecure` of registries.conf allows certificates that do not verify; that this host's does
    /// not was found out (INS-04).
    void accept_unverified(std::string_view host_port);

    [[nodiscard]] const RegistriesConf& registries() const noexcept { return registries_; }

  private:
    [[nodiscard]] const HostConfig* config_of(const model::RegistryHost& host) const;
    [[nodiscard]] bool is_unverified(std::string_view host_port) const;
    void warn_unverified(std::string_view host_port) const;
    void choose_files(const HostConfig& own, http::HostSettings& settings) const;

    const GlobalOptions& options_;
    ConfigFile config_;
    RegistriesConf registries_;
    Environment environment_;
    base::Log& log_;
    base::Guarded<std::set<std::string, std::less<>>> unverified_;
    mutable base::Guarded<std::set<std::string, std::less<>>> warned_;
};

}  // namespace regtool::cli
