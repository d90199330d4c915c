#include "cli/host_rules.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cli/host_certificates.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

/// Whether a list of HOST[:PORT] names this host: without a port all ports are meant.
bool names_host(const std::vector<std::string>& list, std::string_view host_port) {
    const std::string_view host = host_port.substr(0, host_port.rfind(':'));
    return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
        return base::equals_ignore_case(entry, host) || base::equals_ignore_case(entry, host_port);
    });
}

/// libcurl would only say that it cannot use the file.
void require_readable(const std::string& file) {
    if (!file.empty() && access(file.c_str(), R_OK) != 0) {
        throw base::IoError(file, "cannot read", errno);
    }
}

std::string with_port(const model::RegistryHost& host, std::string_view fallback) {
    return host.port().empty() ? base::to_lower(host.str()) + ":" + std::string(fallback)
                               : base::to_lower(host.str());
}

}  // namespace

HostRules::HostRules(const GlobalOptions& options,
                     ConfigFile config,
                     RegistriesConf registries,
                     Environment environment,
                     base::Log& log)
    : options_(options),
      config_(std::move(config)),
      registries_(std::move(registries)),
      environment_(std::move(environment)),
      log_(log) {}

const HostConfig* HostRules::config_of(const model::RegistryHost& host) const {
    return config_.host(with_port(host, "443"));
}

bool HostRules::speaks_plain_http(const model::RegistryHost& host) const {
    const HostConfig* config = config_of(host);
    return names_host(options_.plain_http, with_port(host, "80")) ||
           (config != nullptr && config->plain_http);
}

bool HostRules::may_speak_plain_http(const model::RegistryHost& host) const {
    return registries_.is_insecure(with_port(host, "443"));
}

bool HostRules::is_unverified(std::string_view host_port) const {
    const HostConfig* config = config_.host(host_port);
    return names_host(options_.insecure_tls, host_port) ||
           (config != nullptr && config->insecure_tls) ||
           unverified_.with([&](const auto& hosts) { return hosts.contains(host_port); });
}

void HostRules::accept_unverified(std::string_view host_port) {
    unverified_.with([&](auto& hosts) { hosts.emplace(host_port); });
}

void HostRules::warn_unverified(std::string_view host_port) const {
    if (warned_.with([&](auto& hosts) { return hosts.emplace(host_port).second; })) {
        log_.warn("the certificate of " + std::string(host_port) +
                  " is not verified: anybody could answer in its place");
    }
}

void HostRules::choose_files(const HostConfig& own, http::HostSettings& settings) const {
    const auto yields = [&](const std::string& file, const char* option) {
        return file.empty() || config_.options.contains(option);
    };
    if (!own.cacert.empty() && yields(settings.ca_file, "cacert")) {
        settings.ca_file = own.cacert;
    }
    if (!own.cert.empty() && yields(settings.client_cert_file, "cert")) {
        settings.client_cert_file = own.cert;
        settings.client_key_file = own.key;
    }
}

http::HostSettings HostRules::tls(std::string_view host_port,
                                  const std::optional<model::RegistryHost>& registry) const {
    http::HostSettings settings;
    settings.insecure_tls = is_unverified(host_port);
    if (settings.insecure_tls) {
        warn_unverified(host_port);
    }
    if (!registry) {
        return settings;
    }
    settings.ca_file = options_.cacert;
    settings.client_cert_file = options_.cert;
    settings.client_key_file = options_.key;
    if (const HostConfig* config = config_.host(host_port)) {
        choose_files(*config, settings);
    }
    for (const std::string* file :
         {&settings.ca_file, &settings.client_cert_file, &settings.client_key_file}) {
        require_readable(*file);
    }
    const HostCertificates found = find_host_certificates(
        certificate_roots(options_.certs_dir, environment_), registry->str());
    settings.ca_pem = found.ca_pem;
    if (settings.client_cert_file.empty()) {
        settings.client_cert_file = found.cert_file;
        settings.client_key_file = found.key_file;
    }
    for (const std::string& file : found.ignored) {
        log_.info("one client certificate is used for a host; left out: " + file);
    }
    return settings;
}

bool HostRules::allows_private(std::string_view host_port) const {
    const HostConfig* config = config_.host(host_port);
    return config != nullptr && config->allow_private;
}

bool HostRules::allows_realm(const model::RegistryHost& registry,
                             std::string_view realm_host) const {
    const HostConfig* config = config_of(registry);
    return config != nullptr &&
           std::any_of(config->realms.begin(), config->realms.end(), [&](const std::string& realm) {
               return base::equals_ignore_case(realm, realm_host);
           });
}

bool HostRules::allows_credentials(const model::RegistryHost& host) const {
    const std::string host_port = with_port(host, "443");
    if (host.is_loopback() || !is_unverified(host_port)) {
        return true;
    }
    const HostConfig* config = config_of(host);
    return names_host(options_.insecure_credentials, host_port) ||
           (config != nullptr && config->insecure_credentials);
}

}  // namespace regtool::cli
