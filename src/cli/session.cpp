#include "cli/session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/host_certificates.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "regtool/auth/authenticating_client.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/curl_client.hpp"
#include "regtool/http/retry.hpp"
#include "regtool/ui/messages.hpp"

namespace regtool::cli {

namespace {

/// Whether a list of HOST[:PORT] names this host: without a port all ports are meant.
bool names_host(const std::vector<std::string>& list,
                const std::string& host,
                const std::string& port) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
        return base::equals_ignore_case(entry, host) ||
               base::equals_ignore_case(entry, host + ":" + port);
    });
}

}  // namespace

/// Order matters: members are destroyed from the last to the first, each before what it borrows.
struct Session::State {
    base::SystemClock clock;
    base::SystemRandom random;
    std::unique_ptr<SignalWatch> signals;
    std::unique_ptr<ui::ProgressView> progress;
    std::unique_ptr<base::Log> log;
    std::unique_ptr<ui::Output> out;
    std::unique_ptr<auth::CredentialStore> credentials;
    std::unique_ptr<registry::Endpoints> endpoints;
    std::unique_ptr<http::HttpClient> transport;
    std::unique_ptr<http::HttpClient> retrying;
    std::unique_ptr<http::HttpClient> authenticating;
    std::unique_ptr<registry::RegistryClient> registry;
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
    (void)registry();
    return *state_->retrying;
}

/// Certificates belong to registries that the user named, under the very name that was used:
/// never to token servers or storage behind a redirect (TLS-03, TLS-07).
http::HostSettings Session::settings_for(std::string_view host_port) {
    const std::size_t colon = host_port.rfind(':');
    http::HostSettings settings;
    settings.insecure_tls =
        names_host(options.insecure_tls, std::string(host_port.substr(0, colon)),
                   std::string(host_port.substr(colon + 1)));
    const auto registry = state_->endpoints->registry_of("https://" + std::string(host_port));
    if (!registry) {
        return settings;
    }
    settings.ca_file = options.cacert;
    settings.client_cert_file = options.cert;
    settings.client_key_file = options.key;
    const HostCertificates found =
        find_host_certificates(certificate_roots(options.certs_dir, environment), registry->str());
    settings.ca_pem = found.ca_pem;
    if (settings.client_cert_file.empty()) {
        settings.client_cert_file = found.cert_file;
        settings.client_key_file = found.key_file;
    }
    for (const std::string& file : found.ignored) {
        log().info("one client certificate is used for a host; left out: " + file);
    }
    return settings;
}

http::ClientOptions Session::client_options() {
    http::ClientOptions client;
    client.connect_timeout = options.connect_timeout;
    client.stall_timeout = options.stall_timeout;
    client.limit_rate_bytes_per_second = options.limit_rate;
    client.user_agent = "regtool/" + std::string(kVersion);
    client.host_settings = [this](std::string_view host_port) { return settings_for(host_port); };
    client.allow_private = [](std::string_view) { return false; };
    return client;
}

registry::RegistryClient& Session::registry() {
    if (state_->registry) {
        return *state_->registry;
    }
    (void)stop();  // signals are blocked before the first thread starts
    State& state = *state_;
    state.endpoints = std::make_unique<registry::Endpoints>(
        [this](const model::RegistryHost& host) {
            return names_host(options.plain_http, host.host(),
                              host.port().empty() ? "80" : host.port());
        },
        http::probe_scheme);

    state.transport = http::make_curl_client(client_options(), log());

    http::RetryLimits limits;
    limits.max_retries = options.retries;
    state.retrying =
        http::make_retrying_client(*state.transport, limits, state.clock, state.random, log());

    auth::AuthOptions auth;
    auth.registry_of = [endpoints = state.endpoints.get()](std::string_view origin) {
        return endpoints->registry_of(origin);
    };
    auth.allow_realm = [](std::string_view) { return false; };
    state.authenticating = auth::make_authenticating_client(*state.retrying, credentials(),
                                                            std::move(auth), state.clock, log());
    state.registry = std::make_unique<registry::RegistryClient>(
        *state.authenticating, *state.endpoints, state.clock, state.random, log());
    return *state.registry;
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
