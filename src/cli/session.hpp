#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/host_rules.hpp"
#include "cli/options.hpp"
#include "regtool/auth/authenticating_client.hpp"
#include "regtool/auth/credentials.hpp"
#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/log.hpp"
#include "regtool/model/platform.hpp"
#include "regtool/ops/layer_index_cache.hpp"
#include "regtool/ops/progress.hpp"
#include "regtool/registry/registry_client.hpp"
#include "regtool/store/open_store.hpp"
#include "regtool/ui/output.hpp"

namespace regtool::cli {

/// The two ends of a command that reads from one place and writes to another; everything else is
/// its source.
enum class Side { source, destination };

/// What one run of the program shares: options, streams, and the network, each made when first
/// asked for, because
/// `--version` must not pay for TLS. Used from the main thread.
class Session {
  public:
    using Action = std::function<base::ExitCode()>;

    Session();
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;

    GlobalOptions options;
    /// Set by the command's `declare`, run by main after parsing.
    Action action;

    [[nodiscard]] ui::Output& out();
    [[nodiscard]] base::Log& log();
    [[nodiscard]] ops::ProgressListener& progress();
    /// Writes out what a command had already found when it failed: a listing's entries are true,
    /// only incomplete (LST-10).
    void flush_partial_result() noexcept;
    /// Takes progress bars off the screen for good, before an error is printed.
    void end_progress() noexcept;
    /// From the first call on SIGINT, SIGTERM and --timeout stop this token instead of killing the
    /// process.
    [[nodiscard]] std::stop_token stop();
    /// Why the token was stopped, if it was.
    [[nodiscard]] std::optional<base::ErrorKind> stop_reason() const noexcept;
    /// A command with two sides asks for each of them: both are one client unless --src-creds or
    /// --dest-creds make them different users.
    [[nodiscard]] registry::RegistryClient& registry(Side side = Side::source);
    /// The same, but reading too goes to the very place that is named: for commands that change
    /// something there, which a mirror's older answer must not mislead.
    [[nodiscard]] registry::RegistryClient& named_registry(Side side = Side::source);
    /// What the configuration file says, and where each option came from. Set once, after parsing.
    void use_config(ConfigFile file, std::vector<OptionValue> values);
    [[nodiscard]] const ConfigFile& config_file() const noexcept;
    [[nodiscard]] const std::vector<OptionValue>& option_values() const noexcept;
    [[nodiscard]] auth::CredentialStore& credentials(Side side = Side::source);
    /// Where credentials come from, without --creds: for commands that change them.
    [[nodiscard]] auth::CredentialOptions credential_options() const;
    /// The client below authentication: for commands that look at authentication itself.
    [[nodiscard]] http::HttpClient& plain_client();
    /// Who may see which credentials. Call registry() first.
    [[nodiscard]] auth::AuthOptions auth_options();
    /// How this run talks to the network.
    [[nodiscard]] http::ClientOptions client_options();
    /// --creds of a login, which must be tried before they are kept.
    void use_credentials(auth::Credentials credentials);
    [[nodiscard]] base::Clock& clock();
    /// Where indexes of layers are kept; nullptr with --no-cache, or where no folder is known.
    [[nodiscard]] const ops::LayerIndexCache* index_cache();
    /// Opens what an IMAGE argument names.
    [[nodiscard]] std::unique_ptr<store::ImageStore> open(const std::string& image,
                                                          Side side = Side::source);
    /// Where a repository is read from by registries.conf. Throws AccessDenied for a blocked one.
    [[nodiscard]] registry::Locations locate(const model::Repository& repository);
    /// Opens what a destination argument names.
    [[nodiscard]] std::unique_ptr<store::ImageTarget> open_target(const std::string& image);
    /// --platform, parsed; nullopt when it was not given.
    [[nodiscard]] std::optional<model::Platform> platform() const;
    [[nodiscard]] static std::optional<std::string> environment(const char* name);

  private:
    struct State;
    struct Identity;

    [[nodiscard]] HostRules& rules();
    void connect();
    [[nodiscard]] const std::string& creds_of(Side side) const noexcept;
    [[nodiscard]] Identity& identity(Side side);
    [[nodiscard]] http::Scheme probe(std::string_view host,
                                     std::string_view port,
                                     const std::stop_token& stop);
    [[nodiscard]] std::unique_ptr<registry::RegistryClient> make_registry_client(Identity& who,
                                                                                 Side side);

    std::unique_ptr<State> state_;
};

}  // namespace regtool::cli
