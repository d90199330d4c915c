#include "regtool/registry/error_body.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "regtool/base/json.hpp"
#include "regtool/base/text.hpp"

namespace regtool::registry {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxFieldBytes = 1024;
constexpr std::size_t kMaxEntries = 20;

std::string shortened(std::string text) {
    if (text.size() > kMaxFieldBytes) {
        text.resize(kMaxFieldBytes);
    }
    return text;
}

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) {
        return {};
    }
    return shortened(found->is_string() ? found->get<std::string>() : found->dump());
}

/// `[A-Z_]{1,64}` as it is, anything else is "UNKNOWN" (ERR-03).
std::string code_of(const Json& object) {
    const std::string code = text_of(object, "code");
    const bool plain = !code.empty() && code.size() <= 64 &&
                       std::all_of(code.begin(), code.end(),
                                   [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    return plain ? code : "UNKNOWN";
}

bool is_html(const http::HttpResponse& response) {
    const auto type = response.headers.get("Content-Type");
    return type && base::to_lower(*type).find("text/html") != std::string::npos;
}

bool mentions(const std::vector<base::RegistryErrorEntry>& entries, std::string_view word) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return base::to_lower(entry.message + " " + entry.detail).find(word) != std::string::npos;
    });
}

bool any_code(const std::vector<base::RegistryErrorEntry>& entries,
              std::initializer_list<std::string_view> codes) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
        return std::find(codes.begin(), codes.end(), entry.code) != codes.end();
    });
}

std::string host_of(std::string_view reference) {
    const std::size_t slash = reference.find('/');
    return std::string(reference.substr(0, slash));
}

/// Everything that is known of a refusal.
struct Refusal {
    const http::HttpResponse& response;
    std::string what;
    base::ErrorFacts facts;
};

/// Throws the error by its own type: a caller may catch NotFound alone.
template <class Kind>
[[noreturn]] void raise(Kind error, const Refusal& refusal) {
    error.facts() = refusal.facts;
    error.add_context(refusal.facts.method + " " + refusal.facts.url + ": " +
                      std::to_string(refusal.facts.http_status) +
                      (refusal.facts.code.empty() ? "" : " " + refusal.facts.code));
    if (is_html(refusal.response)) {
        error.add_context(
            "the answer is a web page: this may be no registry, or a login page in the way");
    }
    throw error;
}

[[noreturn]] void raise_denied(const Refusal& refusal) {
    const std::string& refused = refusal.response.refused_credentials;
    base::AccessDenied error(
        refusal.what +
        (refusal.response.status != 401 ? ": the registry denies access with these credentials"
         : refused.empty()
             ? ": the registry asks for credentials"
             : ": the registry refuses the credentials from " + base::printable(refused, 200)));
    error.set_hint("regtool login " + host_of(refusal.facts.reference));
    raise(std::move(error), refusal);
}

[[noreturn]] void raise_limited(const Refusal& refusal) {
    base::RegistryError error(refusal.what + ": the registry limits requests",
                              refusal.response.status);
    if (const auto after = refusal.response.headers.get("Retry-After")) {
        error.add_context("it asks to come back in " + base::printable(*after, 64) +
                          (base::parse_decimal(*after) ? " s" : ""));
    }
    raise(std::move(error), refusal);
}

/// Where nothing is sent the same codes speak of the name alone.
bool sends_content(std::string_view method) {
    return method == "PUT" || method == "POST" || method == "PATCH";
}

/// The registry's codes and statuses to our kinds.
[[noreturn]] void raise_by_status(const Refusal& refusal) {
    const int status = refusal.response.status;
    const auto& entries = refusal.facts.registry_errors;
    if (status == 404) {
        raise(base::NotFound(refusal.what + ": not found"), refusal);
    }
    if (status == 401 || status == 403) {
        raise_denied(refusal);
    }
    if (status == 429) {
        raise_limited(refusal);
    }
    const bool refused_tag =
        status == 409 || status == 412 || (status == 400 && mentions(entries, "immutable"));
    if (refused_tag) {
        raise(base::PreconditionError(refusal.what + ": the registry refuses to change it"),
              refusal);
    }
    if (status == 400 && any_code(entries, {"NAME_INVALID", "TAG_INVALID"})) {
        raise(base::UsageError(refusal.what + ": the registry does not take this name"), refusal);
    }
    if (status == 400 && sends_content(refusal.facts.method) &&
        any_code(entries, {"DIGEST_INVALID", "SIZE_INVALID"})) {
        raise(base::IntegrityError(refusal.what +
                                   ": the registry received other bytes than were named"),
              refusal);
    }
    if (status >= 200 && status < 400) {
        raise(base::RegistryError(
                  refusal.what + ": the registry gives an answer that fits no request", status),
              refusal);
    }
    raise(
        base::RegistryError(
            refusal.what + ": the registry answers with status " + std::to_string(status), status),
        refusal);
}

}  // namespace

std::vector<base::RegistryErrorEntry> parse_error_body(std::string_view body) {
    std::vector<base::RegistryErrorEntry> entries;
    Json json;
    try {
        json = base::parse_json(body, "error body");
    } catch (const base::Error&) {  // any text may come with an error (ERR-02)
        return entries;
    }
    const auto errors = json.is_object() ? json.find("errors") : json.end();
    if (!json.is_object() || errors == json.end() || !errors->is_array()) {
        return entries;
    }
    for (const Json& item : *errors) {
        if (item.is_object() && entries.size() < kMaxEntries) {
            entries.push_back({code_of(item), text_of(item, "message"), text_of(item, "detail")});
        }
    }
    return entries;
}

void throw_for_response(http::Method method,
                        const http::HttpResponse& response,
                        std::string_view what,
                        std::string_view reference) {
    Refusal refusal{response, std::string(what), {}};
    refusal.facts.reference = std::string(reference);
    refusal.facts.method = std::string(http::to_string(method));
    refusal.facts.url = base::redacted_url(response.url);
    refusal.facts.http_status = response.status;
    refusal.facts.registry_errors = parse_error_body(response.body);
    if (!refusal.facts.registry_errors.empty()) {
        refusal.facts.code = refusal.facts.registry_errors.front().code;
    }
    raise_by_status(refusal);
}

}  // namespace regtool::registry
