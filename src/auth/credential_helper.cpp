#include "auth/credential_helper.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "auth/child_process.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

constexpr std::size_t kMaxNameBytes = 128;
constexpr std::string_view kNotFound = "credentials not found in native keychain";
/// The helper's word for "the secret is an identity token" (HLP-06).
constexpr std::string_view kTokenUser = "<token>";

bool is_helper_name(const std::string& name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '-' &&
           name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

void refuse_line_breaks(const std::string& text, const std::string& program) {
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
        throw base::AccessDenied("refused to ask " + program +
                                 ": a server or user name has a line break");
    }
}

/// What a failed helper says. The protocol puts error messages on stdout, where an answer with a
/// secret would be: anything that looks like one is kept back (HLP-09).
std::string words_of(const ChildResult& result) {
    std::string_view said = base::trim(result.err);
    if (said.empty() && result.out.find_first_of("{}\"") == std::string::npos) {
        said = base::trim(result.out);
    }
    while (said.ends_with('\n') || said.ends_with('\r')) {
        said.remove_suffix(1);
    }
    return base::printable(said, 400);
}

[[noreturn]] void fail(const std::string& program,
                       const std::string& why,
                       const ChildResult& result) {
    base::AccessDenied error("credential helper " + program + " failed: " + why);
    const std::string said = words_of(result);
    if (!said.empty() && result.exit_code != 0) {
        error.add_context("it said: " + said);
    }
    if (said.find("no credentials server URL") != std::string::npos ||
        said.find("no credentials username") != std::string::npos) {
        error.set_hint("the login that it keeps is broken; log in again");
    }
    throw error;
}

ChildResult run(const std::string& program,
                const CredentialHelper::Environment& environment,
                const std::string& verb,
                const base::Secret& input,
                const std::stop_token& stop) {
    const auto path = find_program(program, environment("PATH").value_or(""));
    if (!path) {
        base::AccessDenied error("credential helper " + program + " is not on PATH");
        error.set_hint("install it, or remove it from credsStore or credHelpers");
        throw error;
    }
    ChildResult result;
    try {
        result = run_child(*path, verb, input, {}, stop);
    } catch (const base::IoError& error) {
        throw base::AccessDenied("credential helper " + program + " failed: " + error.message());
    }
    if (result.timed_out) {
        fail(program, "no answer within 60 s", result);
    }
    if (result.too_large) {
        fail(program, "its answer is larger than 64 KiB", result);
    }
    return result;
}

bool says_not_found(const ChildResult& result) {
    return result.exit_code != 0 && base::trim(base::split(result.out, '\n').front()) == kNotFound;
}

std::string ending_of(const ChildResult& result) {
    return result.exit_code < 0 ? "it was ended by a signal"
                                : "exit code " + std::to_string(result.exit_code);
}

std::string member(const nlohmann::ordered_json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// "https://host/x" and "host" mean the same server.
std::string server_name(std::string_view text) {
    const std::size_t scheme = text.find("://");
    if (scheme != std::string_view::npos) {
        text.remove_prefix(scheme + 3);
    }
    return base::to_lower(text.substr(0, text.find('/')));
}

}  // namespace

Credentials parse_helper_answer(std::string_view text,
                                const std::string& program,
                                const std::string& server) {
    const auto nonsense = [&](const std::string& why) {
        return base::AccessDenied("credential helper " + program + " failed: " + why);
    };
    nlohmann::ordered_json json;
    try {
        json = base::parse_json(base::trim(text), "its answer");
    } catch (const base::InvalidDocument&) {  // never shown: it holds a secret
        throw nonsense("its answer is no JSON object");
    }
    if (!json.is_object()) {
        throw nonsense("its answer is no JSON object");
    }
    const std::string answered = member(json, "ServerURL");
    if (!answered.empty() && server_name(answered) != server_name(server)) {
        throw nonsense("it answered for another server, " + base::printable(answered, 200));
    }
    Credentials credentials;
    credentials.source = program + ", key " + server;
    const std::string user = member(json, "Username");
    base::Secret secret(member(json, "Secret"));
    if (user == kTokenUser) {
        credentials.identity_token = std::move(secret);
    } else {
        credentials.username = user;
        credentials.password = std::move(secret);
    }
    return credentials;
}

CredentialHelper::CredentialHelper(std::string name, Environment environment)
    : program_("docker-credential-" + name), environment_(std::move(environment)) {
    if (!is_helper_name(name)) {
        throw base::AccessDenied("'" + base::printable(name, 64) +
                                 "' cannot be the name of a credential helper");
    }
}

std::optional<Credentials> CredentialHelper::get(const std::string& server,
                                                 const std::stop_token& stop) const {
    refuse_line_breaks(server, program_);
    const ChildResult result = run(program_, environment_, "get", base::Secret(server), stop);
    if (says_not_found(result)) {
        return std::nullopt;
    }
    if (result.exit_code != 0) {
        fail(program_, ending_of(result), result);
    }
    return parse_helper_answer(result.out, program_, server);
}

void CredentialHelper::store(const std::string& server,
                             const Credentials& credentials,
                             const std::stop_token& stop) const {
    refuse_line_breaks(server, program_);
    refuse_line_breaks(credentials.username, program_);
    const bool token = !credentials.identity_token.empty();
    const nlohmann::ordered_json json = {
        {"ServerURL", server},
        {"Username", token ? std::string(kTokenUser) : credentials.username},
        {"Secret", token ? credentials.identity_token.reveal() : credentials.password.reveal()}};
    const ChildResult result =
        run(program_, environment_, "store", base::Secret(json.dump()), stop);
    if (result.exit_code != 0) {
        fail(program_, ending_of(result), result);
    }
}

bool CredentialHelper::erase(const std::string& server, const std::stop_token& stop) const {
    refuse_line_breaks(server, program_);
    const ChildResult result = run(program_, environment_, "erase", base::Secret(server), stop);
    if (says_not_found(result)) {
        return false;
    }
    if (result.exit_code != 0) {
        fail(program_, ending_of(result), result);
    }
    return true;
}

}  // namespace regtool::auth
