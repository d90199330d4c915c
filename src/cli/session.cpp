#include "cli/session.hpp"

#include <unistd.h>

#include <cstdlib>

#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "regtool/auth/authenticating_client.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/ui/messages.hpp"

namespace regtool::cli {

/// Order matters: members are destroyed from the last to the first, each before what it borrows.
struct Session::State {
    base::SystemClock clock;
    base::SystemRandom random;
    ConfigFile config;
    std::vector<OptionValue> option_values;
    std::unique_ptr<SignalWatch> signals;
    std::unique_ptr<ui::ProgressView> progress;
    std::unique_ptr<base::Log> log;
    std::unique_ptr<ui::Output> out;
    std::unique_ptr<auth::CredentialStore> credentials;
    std::unique_ptr<HostRules> rules;
    std::unique_ptr<registry::Endpoints> endpoints;
    std::unique_ptr<http::HttpClient> transport;
    std::unique_ptr<http::HttpClient> retrying;
    std::unique_ptr<http::HttpClient> authenticating;
    std::unique_ptr<registry::RegistryClient> registry;
    std::unique_ptr<registry::RegistryClient> named_registry;
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

auth::CredentialOptions Session::credential_options() const {
    auth::CredentialOptions credentials;
    credentials.authfile = options.authfile;
    credentials.environment = environment;
    return credentials;
}

void Session::use_credentials(auth::Credentials credentials) {
    auth::CredentialOptions chosen = credential_options();
    chosen.explicit_credentials = std::move(credentials);
    state_->credentials = auth::make_credential_store(std::move(chosen), log());
}

auth::CredentialStore& Session::credentials() {
    if (!state_->credentials) {
        auth::CredentialOptions chosen = credential_options();
        if (!options.creds.empty()) {
            if (options.creds_on_command_line && options.creds.find(':') != std::string::npos) {
                log().warn(
                    "a password on the command line can be seen by other users; use REGTOOL_CREDS "
                    "or a login");
            }
            chosen.explicit_credentials = auth::parse_user_password(options.creds);
        }
        state_->credentials = auth::make_credential_store(std::move(chosen), log());
    }
    return *state_->credentials;
}

http::HttpClient& Session::plain_client() {
    connect();
    return *state_->retrying;
}

void Session::use_config(ConfigFile file, std::vector<OptionValue> values) {
    state_->config = std::move(file);
    state_->option_values = std::move(values);
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
    client.user_agent = "regtool/" + std::string(kVersion);
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

/// The floors of the network, each on the one below.
void Session::connect() {
    if (state_->authenticating) {
        return;
    }
    (void)stop();  // signals are blocked before the first thread starts
    State& state = *state_;
    HostRules& hosts = rules();
    state.endpoints = std::make_unique<registry::Endpoints>(
        [&hosts](const model::RegistryHost& host) { return hosts.speaks_plain_http(host); },
        http::probe_scheme,
        [&hosts](const model::RegistryHost& host) { return hosts.may_speak_plain_http(host); });

    state.transport = http::make_curl_client(client_options(), log());

    http::RetryLimits limits;
    limits.max_retries = options.retries;
    limits.max_requests = options.max_requests;
    state.retrying =
        http::make_retrying_client(*state.transport, limits, state.clock, state.random, log());

    auth::AuthOptions auth;
    auth.registry_of = [endpoints = state.endpoints.get()](std::string_view origin) {
        return endpoints->registry_of(origin);
    };
    auth.allow_realm = [&hosts](const model::RegistryHost& registry, std::string_view realm) {
        return hosts.allows_realm(registry, realm);
    };
    auth.allow_credentials = [&hosts](const model::RegistryHost& registry) {
        return hosts.allows_credentials(registry);
    };
    state.authenticating = auth::make_authenticating_client(*state.retrying, credentials(),
                                                            std::move(auth), state.clock, log());
}

registry::RegistryClient& Session::registry() {
    if (!state_->registry) {
        connect();
        State& state = *state_;
        state.registry = std::make_unique<registry::RegistryClient>(
            *state.authenticating, *state.endpoints, state.clock, state.random, log());
        state.registry->use_retries(options.retries);
        if (!rules().registries().empty()) {
            state.registry->use_locations([&hosts = rules()](const model::Repository& repository) {
                return hosts.registries().locate(repository);
            });
        }
    }
    return *state_->registry;
}

registry::RegistryClient& Session::named_registry() {
    if (!state_->named_registry) {
        connect();
        State& state = *state_;
        state.named_registry = std::make_unique<registry::RegistryClient>(
            *state.authenticating, *state.endpoints, state.clock, state.random, log());
        state.named_registry->use_retries(options.retries);
        if (!rules().registries().empty()) {
            // Blocked is blocked; nothing else of registries.conf is for writing (MIR-04).
            state.named_registry->use_locations(
                [&hosts = rules()](const model::Repository& repository) {
                    (void)hosts.registries().locate(repository);
                    return registry::Locations{{}, repository};
                });
        }
    }
    return *state_->named_registry;
}

std::unique_ptr<store::ImageStore> Session::open(const std::string& image) {
    return store::open_image(image, registry());
}

std::optional<model::Platform> Session::platform() const {
    if (options.platform.empty()) {
        return std::nullopt;
    }
    return model::Platform::parse(options.platform);
}

}  // namespace regtool::cli
