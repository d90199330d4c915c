#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/password_prompt.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/auth/access.hpp"
#include "regtool/auth/credential_writer.hpp"
#include "regtool/registry/error_body.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

struct LoginOptions {
    std::string host = "docker.io";
    std::string user;
    bool password_stdin = false;
    bool identity_token_stdin = false;
};

auth::Credentials gather(const LoginOptions& options, Session& session) {
    auth::Credentials credentials;
    credentials.source = "this login";
    if (options.identity_token_stdin) {
        credentials.identity_token = read_password_from_stdin();
        return credentials;
    }
    if (!session.options.creds.empty()) {
        credentials = auth::parse_user_password(session.options.creds);
    }
    if (!options.user.empty()) {
        credentials.username = options.user;
    }
    if (credentials.username.empty()) {
        credentials.username = ask_user_name(options.host, session.stop());
    }
    if (credentials.username.empty()) {
        throw base::UsageError("a login needs a user name");
    }
    if (options.password_stdin) {
        credentials.password = read_password_from_stdin();
    } else if (credentials.password.empty()) {
        credentials.password = ask_password(credentials.username, options.host, session.stop());
    }
    if (credentials.password.empty()) {
        throw base::UsageError("a login needs a password");
    }
    credentials.source = "this login";
    return credentials;
}

/// Does `work`; when it says that access is denied the hint is not to log in, as it is elsewhere.
template <class Work>
auto try_login(const Work& work) {
    try {
        return work();
    } catch (const base::AccessDenied& error) {
        base::AccessDenied refused(error.message());
        refused.facts() = error.facts();
        for (const std::string& line : error.context()) {
            refused.add_context(line);
        }
        refused.set_hint("check the user name and the password; nothing was kept");
        throw refused;
    }
}

void require_login(const http::HttpResponse& response, const model::RegistryHost& host) {
    if (response.status != 200) {
        try_login([&] {
            registry::throw_for_response(http::Method::get, response, "login to " + host.str(),
                                         host.str());
        });
    }
}

/// A token server may give an identity token for the password: that is what is kept then, as docker
/// does (ATH-09, ATH-20). What the registry says of the token decides.
auth::Credentials exchange(Session& session,
                           const model::RegistryHost& host,
                           const auth::AccessReport& access,
                           auth::Credentials credentials) {
    http::HttpRequest request;
    request.url = session.registry().endpoints().base_url(host, session.stop()) + "/v2/";
    request.authorization = base::Secret("Bearer " + access.token->reveal());
    require_login(session.plain_client().send(request, session.stop()), host);
    if (!access.refresh_token.empty()) {
        credentials.identity_token = access.refresh_token;
        credentials.password = {};
    }
    return credentials;
}

/// Nothing is kept that the registry does not take (CFG-14). Returns what is to be kept.
auth::Credentials verify(Session& session,
                         const model::RegistryHost& host,
                         auth::Credentials credentials) {
    session.use_credentials(credentials);
    const std::string url = session.registry().endpoints().base_url(host, session.stop()) + "/v2/";
    const auth::AccessReport access = try_login([&] {
        return auth::find_access(session.plain_client(), {url, host, {}, credentials, true},
                                 session.auth_options(), session.stop());
    });
    if (access.withheld) {
        base::AccessDenied error("login to " + host.str() +
                                 ": the credentials would go to a server that nobody vouches for");
        error.set_hint(access.realm.empty()
                           ? "--insecure-credentials " + host.str()
                           : "a [host.\"" + host.str() + "\"] table with realms in config.toml");
        throw error;
    }
    if (access.token) {
        return exchange(session, host, access, std::move(credentials));
    }
    require_login(session.registry().ping(host, session.stop()), host);
    if (access.scheme.empty()) {
        session.log().warn(host.str() +
                           " asks for no login, so these credentials were not checked");
    }
    return credentials;
}

ExitCode login(const LoginOptions& options, Session& session) {
    const auto host = model::RegistryHost::parse(options.host);
    const auth::Credentials credentials = verify(session, host, gather(options, session));
    const auth::StoredPlace place =
        auth::store_credentials(session.credential_options(), host, credentials, session.stop());
    if (!place.helper) {
        session.log().warn((credentials.identity_token.empty()
                                ? "the password is kept unencrypted in "
                                : "the token is kept unencrypted in ") +
                           place.name + "; a credential helper would keep it safe");
    }
    if (session.out().structured()) {
        session.out().object(
            {{"registry", host.str()}, {"stored_in", place.name}, {"helper", place.helper}});
    } else {
        session.out().line("Logged in to " + host.str());
    }
    return ExitCode::ok;
}

void declare_login(Arguments& app, Session& session) {
    auto options = std::make_shared<LoginOptions>();
    app.add_option("HOST", options->host, "Registry; Docker Hub when left out");
    app.add_option("-u,--username", options->user, "User name; asked for when left out")
        ->type_name("USER");
    auto* password = app.add_flag("--password-stdin", options->password_stdin,
                                  "Read the password from standard input");
    app.add_flag("--identity-token-stdin", options->identity_token_stdin,
                 "Read an identity (OAuth2 refresh) token from standard input")
        ->excludes(password);
    session.action = [options, &session] { return login(*options, session); };
}

ExitCode logout(const std::string& name, Session& session) {
    const auto host = model::RegistryHost::parse(name);
    const auth::StoredPlace place =
        auth::erase_credentials(session.credential_options(), host, session.stop());
    if (session.out().structured()) {
        session.out().object(
            {{"registry", host.str()}, {"removed_from", place.name}, {"changed", place.changed}});
    } else if (place.changed) {
        session.out().line("Logged out of " + host.str());
    } else {
        session.out().line("There was no login to " + host.str() + " in " + place.name);
    }
    return ExitCode::ok;
}

void declare_logout(Arguments& app, Session& session) {
    auto host = std::make_shared<std::string>("docker.io");
    app.add_option("HOST", *host, "Registry; Docker Hub when left out");
    session.action = [host, &session] { return logout(*host, session); };
}

constexpr std::array kLoginExamples{
    Example{"regtool login registry.example", "Ask for user name and password"},
    Example{"regtool login registry.example -u ci --password-stdin < token.txt", "In a pipeline"},
};

constexpr std::array kLogoutExamples{
    Example{"regtool logout registry.example", "Forget the credentials"},
    Example{"regtool logout", "Those of Docker Hub"},
};

}  // namespace

constinit const CommandSpec kLogin{
    .path = "login",
    .alias = "",
    .group = "Access and self",
    .summary = "Check credentials and keep them for later commands",
    .description =
        "Tries the credentials on the registry first; nothing is kept that it does not take. Where "
        "the token server gives an identity token for a password, the token is kept instead. They "
        "go into the credential helper that docker's config.json names for the host, else into "
        "that file (or --authfile), written atomically with mode 0600; everything else in it stays "
        "as it is. JSON keys: registry, stored_in, helper.",
    .examples = kLoginExamples,
    .declare = declare_login};

constinit const CommandSpec kLogout{
    .path = "logout",
    .alias = "",
    .group = "Access and self",
    .summary = "Forget the credentials of a registry",
    .description =
        "Removes them from the credential helper and the file. Exit code 0 also when there were "
        "none. JSON keys: registry, removed_from, changed.",
    .examples = kLogoutExamples,
    .declare = declare_logout};

}  // namespace regtool::cli
