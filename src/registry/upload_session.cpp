#include "registry/upload_session.hpp"

#include <chrono>
#include <future>
#include <thread>

#include "registry/requests.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"

namespace regtool::registry {

namespace {

[[noreturn]] void throw_unusable(const http::HttpResponse& response,
                                 std::string_view what,
                                 const std::string& why) {
    base::RegistryError error(
        std::string(what) + ": the registry names no usable place to upload to, " + why,
        response.status);
    error.facts().url = base::redacted_url(response.url);
    throw error;
}

}  // namespace

UploadSession session_of(const http::HttpResponse& response, std::string_view what) {
    const auto location = response.headers.get("Location");
    if (!location || location->empty()) {
        throw_unusable(response, what, "its answer has no Location");
    }
    UploadSession session;
    session.named_by = response.url;
    try {
        session.location = http::resolve_url(response.url, *location);
    } catch (const base::UsageError& error) {
        throw_unusable(response, what, error.message());
    }
    if (response.url.starts_with("https:") && !session.location.starts_with("https:")) {
        throw_unusable(response, what,
                       "it leads from https to http at " + base::redacted_url(session.location) +
                           " (a proxy in front of it may not say X-Forwarded-Proto)");
    }
    session.min_chunk =
        base::parse_decimal(response.headers.get("OCI-Chunk-Min-Length").value_or("")).value_or(0);
    return session;
}

bool is_foreign(const UploadSession& session, const std::string& base) {
    return http::origin_of(session.location) != http::origin_of(base);
}

http::HttpRequest session_request(http::Method method,
                                  const UploadSession& session,
                                  const std::string& base,
                                  const model::Repository& repository) {
    http::HttpRequest request;
    request.method = method;
    request.url = session.location;
    request.named_by = session.named_by;
    if (!is_foreign(session, base)) {
        // One scope for the whole upload, so that one token serves it.
        request.scopes = {
            repository_scope(repository, method == http::Method::del ? "delete" : "pull,push")};
    }
    return request;
}

std::string closing_url(const std::string& location, const model::Digest& digest) {
    const char separator = location.find('?') == std::string::npos ? '?' : '&';
    return location + separator + "digest=" + base::percent_encode(digest.str());
}

void cancel_session(http::HttpClient& http,
                    const UploadSession& session,
                    const std::string& base,
                    const model::Repository& repository) noexcept {
    constexpr std::chrono::milliseconds kPatience{700};
    try {
        const http::HttpRequest request =
            session_request(http::Method::del, session, base, repository);
        std::promise<void> answered;
        // A thread with a stop token of its own: the work may have been stopped already.
        const std::jthread sender([&](const std::stop_token& enough) {
            try {
                (void)http.send(request, enough);
            } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): best effort
            }
            answered.set_value();
        });
        (void)answered.get_future().wait_for(kPatience);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): best effort
    }
}

std::optional<std::uint64_t> parse_upload_range(std::string_view value) noexcept {
    constexpr std::string_view kUnit = "bytes=";
    std::string_view text = base::trim(value);
    if (text.starts_with(kUnit)) {
        text.remove_prefix(kUnit.size());
    }
    constexpr std::string_view kFirst = "0-";
    if (!text.starts_with(kFirst)) {
        return std::nullopt;
    }
    const auto last = base::parse_decimal(text.substr(kFirst.size()));
    if (!last || *last == UINT64_MAX) {
        return std::nullopt;
    }
    return *last + 1;
}

}  // namespace regtool::registry
