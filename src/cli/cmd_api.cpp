#include <unistd.h>

#include <array>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "cli/specs.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "regtool/registry/error_body.hpp"
#include "regtool/registry/link_header.hpp"

namespace regtool::cli {

namespace {

using base::ExitCode;

constexpr std::size_t kMaxInputBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20;
constexpr int kMaxPages = 10'000;

struct Options {
    std::string method;
    std::string path;
    std::vector<std::string> headers;
    std::string input;
    std::vector<std::string> scopes;
    bool include = false;
    bool paginate = false;
};

http::Method parse_method(const std::string& text) {
    for (const http::Method method : {http::Method::get, http::Method::head, http::Method::post,
                                      http::Method::put, http::Method::patch, http::Method::del}) {
        if (base::equals_ignore_case(text, http::to_string(method))) {
            return method;
        }
    }
    throw base::UsageError("'" + base::printable(text, 40) +
                           "' is none of GET, HEAD, POST, PUT, PATCH, DELETE");
}

/// HOST/v2/… or a whole URL of a registry.
struct Target {
    model::RegistryHost host;
    std::string path;  ///< begins with a slash
    std::string repository;
};

Target parse_target(std::string_view text) {
    const std::size_t scheme = text.find("://");
    if (scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || text.substr(slash, 3) != "/v2") {
        base::UsageError error("the path is HOST/v2/…, not '" + base::printable(text, 200) + "'");
        error.set_hint("regtool api GET localhost:5000/v2/_catalog");
        throw error;
    }
    Target target{model::RegistryHost::parse(text.substr(0, slash)),
                  std::string(text.substr(slash)), ""};
    for (const std::string_view end : {"/manifests/", "/blobs/", "/tags/", "/referrers/"}) {
        const std::size_t found = target.path.rfind(end);
        if (found != std::string::npos && found > 4) {
            target.repository = target.path.substr(4, found - 4);
        }
    }
    return target;
}

/// What a token must allow, guessed from the path unless it was said.
std::vector<std::string> scopes_of(const Options& options,
                                   const Target& target,
                                   http::Method method) {
    if (!options.scopes.empty()) {
        return options.scopes;
    }
    if (target.path.starts_with("/v2/_catalog")) {
        return {"registry:catalog:*"};
    }
    if (target.repository.empty()) {
        return {""};
    }
    const bool reads = method == http::Method::get || method == http::Method::head;
    return {"repository:" + target.repository + ":" +
            (reads                         ? "pull"
             : method == http::Method::del ? "delete"
                                           : "pull,push")};
}

std::string read_input(const std::string& name) {
    if (name != "-") {
        return base::read_file(name, kMaxInputBytes);
    }
    stream::FdSource source(STDIN_FILENO, "standard input");
    stream::StringSink sink(kMaxInputBytes);
    (void)stream::pump(source, sink);
    return std::move(sink.text());
}

http::HttpRequest build(const Options& options, const Target& target, Session& session) {
    http::HttpRequest request;
    request.method = parse_method(options.method);
    request.url =
        session.registry().endpoints().base_url(target.host, session.stop()) + target.path;
    request.scopes = scopes_of(options, target, request.method);
    request.max_body_bytes = kMaxBodyBytes;
    for (const std::string& line : options.headers) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || colon == 0) {
            throw base::UsageError("-H wants NAME: VALUE, not '" + base::printable(line, 100) +
                                   "'");
        }
        const std::string name = line.substr(0, colon);
        std::string value(base::trim(line.substr(colon + 1)));
        if (base::equals_ignore_case(name, "authorization")) {
            // The user's own word: nothing of ours beside it, and it stays with this origin.
            request.authorization = base::Secret(std::move(value));
            request.scopes.clear();
        } else {
            request.headers.add(name, std::move(value));
        }
    }
    const bool reads = request.method == http::Method::get || request.method == http::Method::head;
    if (reads && target.path.find("/manifests/") != std::string::npos &&
        !request.headers.get("Accept")) {
        // A registry may hide from whoever accepts anything what only newer clients understand.
        request.headers.set("Accept", std::string(model::manifest_accept_header()));
    }
    if (!options.input.empty()) {
        request.body = read_input(options.input);
    }
    return request;
}

void show_head(Session& session, const http::HttpResponse& response) {
    ui::Output& out = session.out();
    out.line("HTTP/" + response.http_version + " " + std::to_string(response.status));
    for (const auto& [name, value] : response.headers.lines()) {
        out.line(base::printable(name) + ": " + base::printable(value));
    }
    out.line("");
}

void show_body(Session& session, const http::HttpResponse& response) {
    const std::string type(response.headers.get("Content-Type").value_or(""));
    if (!response.body.empty() && type.find("json") != std::string::npos) {
        session.out().document(response.body);
    } else {
        session.out().text(response.body);
    }
}

/// The next page, on the same server or not at all.
std::optional<std::string> next_page(const http::HttpResponse& response) {
    const auto link = registry::next_link(response.headers.get_all("Link"));
    if (!link) {
        return std::nullopt;
    }
    const std::string url = http::resolve_url(response.url, *link);
    if (http::origin_of(url) != http::origin_of(response.url)) {
        throw base::RegistryError("the next page is on another server, " + base::redacted_url(url));
    }
    return url;
}

ExitCode run(Options options, Session& session) {
    if (options.path.empty()) {
        options.path = std::exchange(options.method, "GET");
    }
    const Target target = parse_target(options.path);
    http::HttpRequest request = build(options, target, session);
    for (int page = 0; page < kMaxPages; ++page) {
        const http::HttpResponse response = session.registry().http().send(request, session.stop());
        if (options.include) {
            show_head(session, response);
        }
        if (response.status >= 400) {
            registry::throw_for_response(request.method, response,
                                         options.method + " " + target.path,
                                         target.host.str() + "/" + target.repository);
        }
        show_body(session, response);
        const auto next = options.paginate ? next_page(response) : std::nullopt;
        if (!next) {
            return ExitCode::ok;
        }
        request.url = *next;
    }
    throw base::RegistryError("more than " + std::to_string(kMaxPages) + " pages");
}

void declare(Arguments& app, Session& session) {
    auto options = std::make_shared<Options>();
    app.add_option("METHOD", options->method, "GET when left out")->required();
    app.add_option("PATH", options->path, "HOST/v2/…");
    app.add_option("-H,--header", options->headers, "Send this header; may be repeated")
        ->type_name("LINE")
        ->allow_extra_args(false);
    app.add_option("--input", options->input, "Send this file (- is standard input) as the body")
        ->type_name("FILE");
    app.add_option("--scope", options->scopes,
                   "Ask tokens for this (guessed from the path); may be repeated")
        ->type_name("SCOPE")
        ->allow_extra_args(false);
    app.add_flag("-i,--include", options->include, "Print the answer's status and headers too");
    app.add_flag("--paginate", options->paginate, "Follow Link headers to further pages");
    session.action = [options, &session] { return run(*options, session); };
}

constexpr std::array kExamples{
    Example{"regtool api localhost:5000/v2/_catalog --paginate --jq '.repositories[]'",
            "Every page of a listing"},
    Example{"regtool api -i HEAD localhost:5000/v2/app/manifests/v1", "Only the headers"},
    Example{"regtool api GET localhost:5000/v2/app/referrers/sha256:… --jq '.manifests[]'",
            "An endpoint that has no command yet"},
};

}  // namespace

constinit const CommandSpec kApi{
    .path = "api",
    .alias = "",
    .group = "Access and self",
    .summary = "Send one authenticated request to a registry's API",
    .description =
        "What one does with curl and a token by hand: the request goes out with the credentials, "
        "TLS settings, retries and redirect rules of every other command, and the answer's body is "
        "printed. PATH is HOST/v2/…; METHOD may be left out for GET. An Authorization header of "
        "your own takes the place of the credentials; manifests are asked for with every known "
        "media type "
        "unless there is an Accept header. An answer of 400 and more is an error with "
        "its usual exit code.",
    .examples = kExamples,
    .declare = declare};

}  // namespace regtool::cli
