#include "cli/session.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "cli/mirror_hosts.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/connection_facts.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/http/stopping_client.hpp"
#include "regtool/http/warnings.hpp"
#include "regtool/ui/messages.hpp"

namespace regtool::cli {

/// Who one side of a command is to the registries: credentials and tokens are shared with nobody
/// (T-12).
struct Session::Identity {
    std::unique_ptr<auth::CredentialStore> credentials;
    std::unique_ptr<http::HttpClient> authenticating;
    std::unique_ptr<registry::RegistryClient> registry;
    std::unique_ptr<registry::RegistryClient> named_registry;
    MirrorHosts mirrors;
};

/// Order matters: members are destroyed from the last to the first, each before what it borrows.
struct Session::State {
    base::SystemClock clock;
    base::SystemRandom random;
    ConfigFile config;
    std::vector<OptionValue> option_values;
    std::optional<ops::LayerIndexCache> index_cache;
    std::unique_ptr<SignalWatch> signals;
    std::unique_ptr<ui::ProgressView> progress;
    std::unique_ptr<base::Log> log;
    std::unique_ptr<ui::Output> out;
    std::unique_ptr<HostRules> rules;
    std::unique_ptr<registry::Endpoints> endpoints;
    std::unique_ptr<http::HttpClient> transport;
    std::unique_ptr<http::HttpClient> retrying;
    std::unique_ptr<http::HttpClient> stopping;
    std::unique_ptr<http::HttpClient> warning;
    std::array<Identity, 2> identities;
};

Session::Session() : state_(std::make_unique<State>()) {}

Session::~Session() = default;

std::optional<std::string> Session::environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets variables
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

ui::Output& Session::out() {
    if (!state_->out) {
        ui::OutputOptions output;
        output.format = options.format;
        output.jq = options.jq;
        output.layout = options.layout;
        output.terminal = ui::inspect_terminal(STDOUT_FILENO, options.color, environment);
        state_->out = std::make_unique<ui::Output>(STDOUT_FILENO, std::move(output));
    }
    return *state_->out;
}

base::Log& Session::log() {
    if (!state_->log) {
        ui::MessageOptions messages;
        messages.quiet = options.quiet;
        messages.verbosity = options.verbosity;
        messages.trace = options.trace;
        messages.terminal = ui::inspect_terminal(STDERR_FILENO, options.color, environment);
        (void)progress();
        state_->log = ui::make_message_log(STDERR_FILENO, messages, state_->progress.get());
    }
    return *state_->log;
}

ops::ProgressListener& Session::progress() {
    if (!state_->progress) {
        const ui::ProgressMode mode = options.quiet ? ui::ProgressMode::none : options.progress;
        state_->progress = ui::make_progress_view(
            mode, STDERR_FILENO, ui::inspect_terminal(STDERR_FILENO, options.color, environment),
            state_->clock);
    }
    return *state_->progress;
}

void Session::flush_partial_result() noexcept {
    try {
        if (state_->out) {
            state_->out->flush_finished();
        }
    } catch (...) {  // the error that is about to be reported matters more
        return;
    }
}

void Session::end_progress() noexcept {
    if (state_->progress) {
        state_->progress->pause();
    }
}

std::stop_token Session::stop() {
    if (!state_->signals) {
        state_->signals = std::make_unique<SignalWatch>(options.timeout);
    }
    return state_->signals->token();
}

std::optional<base::ErrorKind> Session::stop_reason() const noexcept {
    return state_->signals ? state_->signals->reason() : std::nullopt;
}

base::Clock& Session::clock() {
    return state_->clock;
}

const ops::LayerIndexCache* Session::index_cache() {
    if (!state_->index_cache && !options.no_cache) {
        std::filesystem::path folder = options.cache_dir;
        if (folder.empty()) {
            // XDG base directory specification: a relative path is to be ignored.
            const std::filesystem::path xdg = environment("XDG_CACHE_HOME").value_or("");
            const std::string home = environment("HOME").value_or("");
            if (xdg.is_absolute()) {
                folder = xdg / "regtool";
            } else if (!home.empty()) {
                folder = std::filesystem::path(home) / ".cache" / "regtool";
            }
        }
        if (!folder.empty()) {
            state_->index_cache.emplace(folder);
            if (const std::string why = state_->index_cache->complaint(); !why.empty()) {
                const std::string text = "the cache is not used: " + why;
                options.cache_dir.empty() ? log().info(text) : log().warn(text);
            }
        }
    }
    return state_->index_cache ? &*state_->index_cache : nullptr;
}

auth::CredentialOptions Session::credential_options() const {
    auth::CredentialOptions credentials;
    credentials.authfile = options.authfile;
    credentials.environment = environment;
    return credentials;
}

const std::string& Session::creds_of(Side side) const noexcept {
    const std::string& own = side == Side::source ? options.src_creds : options.dest_creds;
    return own.empty() ? options.creds : own;
}

Session::Identity& Session::identity(Side side) {
    const bool same = creds_of(Side::source) == creds_of(Side::destination);
    return state_->identities[same || side == Side::source ? 0 : 1];
}

void Session::use_credentials(auth::Credentials credentials) {
    auth::CredentialOptions chosen = credential_options();
    chosen.explicit_credentials = std::move(credentials);
    identity(Side::source).credentials = auth::make_credential_store(std::move(chosen), log());
}

auth::CredentialStore& Session::credentials(Side side) {
    Identity& who = identity(side);
    if (!who.credentials) {
        auth::CredentialOptions chosen = credential_options();
        if (options.anonymous) {
            if (!creds_of(side).empty()) {
                throw base::UsageError("--anonymous and credentials exclude each other");
            }
            chosen.explicit_credentials = auth::Credentials{};
        } else if (const std::string& creds = creds_of(side); !creds.empty()) {
            if (options.creds_on_command_line && creds.find(':') != std::string::npos) {
                log().warn(
                    "a password on the command line can be seen by other users; use REGTOOL_CREDS "
                    "or a login");
            }
            chosen.explicit_credentials = auth::parse_user_password(creds);
        }
        chosen.explicit_for = [&who](const model::RegistryHost& host) {
            return !who.mirrors.is_mirror_only(host);
        };
        who.credentials = auth::make_credential_store(std::move(chosen), log());
    }
    return *who.credentials;
}

http::HttpClient& Session::plain_client() {
    connect();
    return *state_->warning;
}

void Session::use_config(ConfigFile file, std::vector<OptionValue> values) {
    state_->config = std::move(file);
    state_->option_values = std::move(values);
    // What a flag or a variable overrules is not in force: see HostRules.
    for (const OptionValue& value : state_->option_values) {
        if (value.origin != Origin::file) {
            state_->config.options.erase(value.name);
        }
    }
}

const ConfigFile& Session::config_file() const noexcept {
    return state_->config;
}

const std::vector<OptionValue>& Session::option_values() const noexcept {
    return state_->option_values;
}

HostRules& Session::rules() {
    if (!state_->rules) {
        state_->rules = std::make_unique<HostRules>(
            options, state_->config, RegistriesConf::load(options.registries_conf, environment),
            environment, log());
    }
    return *state_->rules;
}

http::ClientOptions Session::client_options() {
    http::ClientOptions client;
    client.connect_timeout = options.connect_timeout;
    client.stall_timeout = options.stall_timeout;
    client.limit_rate_bytes_per_second = options.limit_rate;
    client.user_agent =
        options.user_agent.empty() ? "regtool/" + std::string(kVersion) : options.user_agent;
    client.host_settings = [this, &rules = rules()](std::string_view host_port) {
        return rules.tls(host_port,
                         state_->endpoints->registry_of("https://" + std::string(host_port)));
    };
    client.allow_private = [&rules = rules()](std::string_view host) {
        return rules.allows_private(host);
    };
    if (options.as_curl) {
        client.show_curl_line = [](std::string_view line) {
            base::write_all(STDERR_FILENO, base::as_bytes(std::string(line) + "\n"),
                            "standard error");
        };
    }
    return client;
}

/// Loopback is asked by one TLS hello; a host that registries.conf calls insecure by https, then by
/// https that nobody verifies, then by http (INS-04).
http::Scheme Session::probe(std::string_view host,
                            std::string_view port,
                            const std::stop_token& stop) {
    const bool bare_ipv6 = host.find(':') != std::string_view::npos;
    const std::string host_port =
        (bare_ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::string(port);
    if (!rules().may_speak_plain_http(model::RegistryHost::parse(host_port))) {
        return http::probe_scheme(host, port, stop);
    }
    http::HttpRequest request;
    request.url = "https://" + host_port + "/v2/";
    http::ClientOptions client = client_options();
    // The port is in the name of a certs.d folder only where it is not https's own (TLS-03).
    client.host_settings = [this, registry = model::RegistryHost::parse(
                                      port == "443" ? host_port.substr(0, host_port.rfind(':'))
                                                    : host_port)](std::string_view place) {
        return rules().tls(place, registry);
    };
    try {
        (void)http::inspect_connection(client, request, log(), stop);
        return http::Scheme::https;
    } catch (const base::TransportError& error) {
        using base::TransportPhase;
        log().info(error.message());
        if (error.phase() == TransportPhase::certificate) {
            rules().accept_unverified(host_port);
            return http::Scheme::https;
        }
        if (error.phase() == TransportPhase::tls || error.phase() == TransportPhase::connect) {
            log().info("registries.conf allows plain http for " + host_port);
            return http::Scheme::http;
        }
        throw;
    }
}

auth::AuthOptions Session::auth_options() {
    HostRules& hosts = rules();
    auth::AuthOptions auth;
    auth.registry_of = [endpoints = state_->endpoints.get()](std::string_view origin) {
        return endpoints->registry_of(origin);
    };
    auth.allow_realm = [&hosts](const model::RegistryHost& registry, std::string_view realm) {
        return hosts.allows_realm(registry, realm);
    };
    auth.allow_credentials = [&hosts](const model::RegistryHost& registry) {
        return hosts.allows_credentials(registry);
    };
    return auth;
}

/// The floors of the network, each on the one below.
void Session::connect() {
    if (state_->retrying) {
        return;
    }
    (void)stop();  // signals are blocked before the first thread starts
    State& state = *state_;
    HostRules& hosts = rules();
    state.endpoints = std::make_unique<registry::Endpoints>(
        [&hosts](const model::RegistryHost& host) { return hosts.speaks_plain_http(host); },
        [this](std::string_view host, std::string_view port, const std::stop_token& stop) {
            return probe(host, port, stop);
        },
        [&hosts](const model::RegistryHost& host) { return hosts.may_speak_plain_http(host); });

    state.transport = http::make_curl_client(client_options(), log());

    http::RetryLimits limits;
    limits.max_retries = options.retries;
    limits.max_requests = options.max_requests;
    state.retrying =
        http::make_retrying_client(*state.transport, limits, state.clock, state.random, log());
    state.stopping = http::make_stopping_client(*state.retrying, stop());
    state.warning = http::make_warning_client(*state.stopping, log());
}

std::unique_ptr<registry::RegistryClient> Session::make_registry_client(Identity& who, Side side) {
    connect();
    State& state = *state_;
    if (!who.authenticating) {
        who.authenticating = auth::make_authenticating_client(*state.warning, credentials(side),
                                                              auth_options(), state.clock, log());
    }
    auto client = std::make_unique<registry::RegistryClient>(*who.authenticating, *state.endpoints,
                                                             state.clock, state.random, log());
    client->use_retries(options.retries);
    return client;
}

registry::RegistryClient& Session::registry(Side side) {
    Identity& who = identity(side);
    if (!who.registry) {
        who.registry = make_registry_client(who, side);
        if (!rules().registries().empty()) {
            who.registry->use_locations(
                [&hosts = rules(), &who](const model::Repository& repository) {
                    registry::Locations places = hosts.registries().locate(repository);
                    who.mirrors.learn(repository, places);
                    return places;
                });
        }
    }
    return *who.registry;
}

registry::RegistryClient& Session::named_registry(Side side) {
    Identity& who = identity(side);
    if (!who.named_registry) {
        who.named_registry = make_registry_client(who, side);
        if (!rules().registries().empty()) {
            // Blocked is blocked; nothing else of registries.conf is for writing (MIR-04).
            who.named_registry->use_locations(
                [&hosts = rules(), &who](const model::Repository& repository) {
                    (void)hosts.registries().locate(repository);
                    registry::Locations places{{}, repository};
                    who.mirrors.learn(repository, places);
                    return places;
                });
        }
    }
    return *who.named_registry;
}

std::unique_ptr<store::ImageStore> Session::open(const std::string& image, Side side) {
    return store::open_image(image, registry(side));
}

registry::Locations Session::locate(const model::Repository& repository) {
    return rules().registries().locate(repository);
}

std::unique_ptr<store::ImageTarget> Session::open_target(const std::string& image) {
    return store::open_target(image, named_registry(Side::destination));
}

std::optional<model::Platform> Session::platform() const {
    if (options.platform.empty()) {
        return std::nullopt;
    }
    return model::Platform::parse(options.platform);
}

}  // namespace regtool::cli
