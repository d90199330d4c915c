#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/auth/access.hpp"
#include "regtool/auth/challenge.hpp"
#include "regtool/base/text.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

std::string kind_of(const auth::Credentials& credentials) {
    if (!credentials.registry_token.empty()) {
        return "registry token";
    }
    if (!credentials.identity_token.empty()) {
        return "identity token";
    }
    return credentials.anonymous() ? "anonymous" : "password";
}

/// HOST, HOST/REPO or REPO: what credentials are looked up for.
struct Target {
    model::RegistryHost host;
    std::optional<model::Repository> repository;
};

Target parse_target(const std::string& text) {
    const bool host_alone = text.find('/') == std::string::npos &&
                            (text.find('.') != std::string::npos ||
                             text.find(':') != std::string::npos || text == "localhost");
    if (host_alone) {
        return {model::RegistryHost::parse(text), std::nullopt};
    }
    const auto repository = model::Repository::parse(text);
    return {repository.registry(), repository};
}

ExitCode show_source(const std::string& name, Session& session) {
    const Target target = parse_target(name);
    const auth::Credentials credentials =
        target.repository ? session.credentials().get(*target.repository, session.stop())
                          : session.credentials().get(target.host, session.stop());
    ui::Output& out = session.out();
    if (out.structured()) {
        out.object({{"registry", target.host.str()},
                    {"username", credentials.username},
                    {"kind", kind_of(credentials)},
                    {"source", credentials.source}});
    } else {
        out.line("Registry:  " + target.host.str());
        out.line("Kind:      " + kind_of(credentials));
        if (!credentials.username.empty()) {
            out.line("User:      " + base::printable(credentials.username));
        }
        out.line("Source:    " +
                 (credentials.source.empty() ? "none" : base::printable(credentials.source)));
    }
    return credentials.anonymous() ? ExitCode::no : ExitCode::ok;
}

void declare_get(Arguments& app, Session& session) {
    auto name = std::make_shared<std::string>();
    app.add_option("HOST", *name, "Registry or repository")->required();
    session.action = [name, &session] { return show_source(*name, session); };
}

std::string allowed(const std::vector<std::string>& scopes) {
    std::string list;
    for (const std::string& scope : scopes) {
        list += (list.empty() ? "" : " ") + base::printable(scope, 200);
    }
    return list.empty() ? "nothing" : list;
}

struct TokenOptions {
    std::string repository;
    std::string actions = "pull";
};

ExitCode print_token(const TokenOptions& options, Session& session) {
    const auto repository = model::Repository::parse(options.repository);
    const std::string base =
        session.registry().endpoints().base_url(repository.registry(), session.stop());
    const auth::Credentials credentials = session.credentials().get(repository, session.stop());
    const auth::AccessReport report =
        auth::find_access(session.plain_client(),
                          {base + "/v2/",
                           repository.registry(),
                           {"repository:" + repository.path() + ":" + options.actions},
                           credentials,
                           false},
                          session.auth_options(), session.stop());
    if (report.withheld) {
        session.log().warn("the credentials from " + credentials.source + " were not shown to " +
                           base::redacted_url(report.realm) + "; the token is anonymous");
    }
    if (!report.token) {
        base::RegistryError error(
            repository.registry().str() +
            (report.scheme == "basic" ? " takes passwords, not tokens" : " asks for no token"));
        throw error;
    }
    if (report.granted && !auth::covers(*report.granted, report.scopes)) {
        session.log().warn("the token allows less than was asked for: " + allowed(*report.granted));
    }
    if (session.out().structured()) {
        nlohmann::ordered_json granted;
        if (report.granted) {
            granted = *report.granted;
        }
        session.out().object({{"token", report.token->reveal()},
                              {"expires_in", report.token_lifetime.count()},
                              {"scopes", report.scopes},
                              {"granted", std::move(granted)}});
    } else {
        session.out().line(report.token->reveal());
    }
    return ExitCode::ok;
}

void declare_token(Arguments& app, Session& session) {
    auto options = std::make_shared<TokenOptions>();
    app.add_option("REPO", options->repository, "Repository")->required();
    app.add_option("--actions", options->actions, "What the token is to allow (pull)")
        ->type_name("LIST")
        ->default_str("");
    session.action = [options, &session] { return print_token(*options, session); };
}

constexpr std::array kGetExamples{
    Example{"regtool auth get registry.example", "Who am I there, and says which file?"},
    Example{"regtool auth get registry.example/team/app --jq .source", "For one repository"},
};

constexpr std::array kTokenExamples{
    Example{"regtool auth token alpine", "A token to pull with"},
    Example{"regtool auth token registry.example/app --actions pull,push", "One to push with"},
};

}  // namespace

constinit const CommandSpec kAuthGet{
    .path = "auth get",
    .alias = "",
    .group = "Access and self",
    .summary = "Show which credentials would be used, and where they come from",
    .description =
        "Looks where every command looks: --creds, --authfile, REGISTRY_AUTH_FILE, "
        "DOCKER_AUTH_CONFIG, docker's config.json, containers' auth.json. Never prints a secret. "
        "Exit code 1 when there are none. JSON keys: registry, username, kind, source.",
    .examples = kGetExamples,
    .declare = declare_get};

constinit const CommandSpec kAuthToken{
    .path = "auth token",
    .alias = "",
    .group = "Access and self",
    .summary = "Print a bearer token for a repository",
    .description =
        "Does the token dance of the registry with the credentials that any command would use and "
        "prints the token, a secret, on standard output. JSON keys: token, expires_in, scopes "
        "(asked for), granted (null where the token does not say).",
    .examples = kTokenExamples,
    .declare = declare_token};

}  // namespace regtool::cli
