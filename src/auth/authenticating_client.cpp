#include "regtool/auth/authenticating_client.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "auth/best_challenge.hpp"
#include "auth/realm.hpp"
#include "auth/token_cache.hpp"
#include "auth/token_request.hpp"
#include "regtool/auth/challenge.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"

namespace regtool::auth {

namespace {

/// How a registry wants to be asked, learnt from its first challenge.
struct Manner {
    enum class Kind { basic, bearer };

    Kind kind = Kind::basic;
    std::string realm;
    std::string service;
    std::string asked_by;  ///< URL of the answer that said so
};

/// One request's dealings with authentication.
struct Attempt {
    model::RegistryHost registry;
    std::string origin;
    std::vector<std::string> scopes;
    Credentials credentials;
    std::optional<base::Secret> authorization;
    bool token_is_fresh = false;

    [[nodiscard]] std::string scopes_text() const {
        std::string text;
        for (const std::string& scope : scopes) {
            text += scope + " ";
        }
        return text;
    }
};

/// The repository that scopes speak of: "repository:library/alpine:pull" -> "library/alpine".
std::string repository_of(const std::vector<std::string>& scopes) {
    constexpr std::string_view kPrefix = "repository:";
    for (const std::string& scope : scopes) {
        if (scope.starts_with(kPrefix)) {
            const std::string rest = scope.substr(kPrefix.size());
            return rest.substr(0, rest.rfind(':'));
        }
    }
    return {};
}

std::vector<std::string> scopes_of(const Challenge& challenge) {
    std::vector<std::string> scopes;
    if (const auto scope = challenge.parameters.find("scope");
        scope != challenge.parameters.end()) {
        for (const std::string_view one : base::split(scope->second, ' ')) {
            if (!one.empty()) {
                scopes.emplace_back(one);
            }
        }
    }
    return scopes;
}

/// RFC 6750 §3.1, by 401 or 403 (docker's registry: 401). A scope that was asked for already was
/// refused already.
bool wants_more_scope(const http::HttpResponse& response, const std::vector<std::string>& asked) {
    const auto challenge = best_challenge(response);
    if (!challenge) {
        return false;
    }
    const auto error = challenge->parameters.find("error");
    return error != challenge->parameters.end() && error->second == "insufficient_scope" &&
           !covers(asked, scopes_of(*challenge));
}

class AuthenticatingClient final : public http::HttpClient {
  public:
    AuthenticatingClient(http::HttpClient& inner,
                         CredentialStore& credentials,
                         AuthOptions options,
                         base::Clock& clock,
                         base::Log& log)
        : inner_(inner),
          credentials_(credentials),
          options_(std::move(options)),
          log_(log),
          tokens_(clock) {}

    http::HttpResponse send(const http::HttpRequest& request, std::stop_token stop) override {
        return exchange(request, stop, [&](const http::HttpRequest& authorized) {
            return inner_.send(authorized, stop);
        });
    }

    http::HttpResponse download(const http::HttpRequest& request,
                                http::BodyReceiver& receiver,
                                std::stop_token stop) override {
        return exchange(request, stop, [&](const http::HttpRequest& authorized) {
            return inner_.download(authorized, receiver, stop);
        });
    }

    http::HttpResponse upload(const http::HttpRequest& request,
                              const http::SourceFactory& body,
                              std::optional<std::uint64_t> size,
                              std::stop_token stop) override {
        return exchange(request, stop, [&](const http::HttpRequest& authorized) {
            return inner_.upload(authorized, body, size, stop);
        });
    }

    void send_many(const http::RequestProducer& next,
                   const http::CompletionHandler& done,
                   std::stop_token stop) override {
        std::map<std::size_t, http::HttpRequest> asked;
        inner_.send_many(
            [&] {
                http::NextRequest produced = next();
                if (produced.state == http::NextRequest::State::ready) {
                    asked.emplace(produced.tag, produced.request);
                    Attempt attempt = begin(produced.request, stop);
                    if (!attempt.origin.empty()) {
                        produced.request.authorization = std::move(attempt.authorization);
                    }
                }
                return produced;
            },
            [&](http::Completion completion) {
                auto node = asked.extract(completion.tag);
                const auto* response = std::get_if<http::HttpResponse>(&completion.result);
                if (response != nullptr && (response->status == 401 || response->status == 403)) {
                    // Rare: the first of a run, or an expired token. The slow way handles both.
                    try {
                        completion.result = send(node.mapped(), stop);
                    } catch (const base::Error&) {
                        completion.result = std::current_exception();
                    }
                }
                done(std::move(completion));
            },
            stop);
    }

  private:
    template <class Send>
    http::HttpResponse exchange(const http::HttpRequest& request,
                                const std::stop_token& stop,
                                const Send& send_authorized) {
        Attempt attempt = begin(request, stop);
        if (attempt.origin.empty()) {
            return send_authorized(request);
        }
        http::HttpRequest authorized = request;
        authorized.authorization = attempt.authorization;
        http::HttpResponse response = send_authorized(authorized);
        // A stale token may need one more round than a first challenge (ATH-13, ATH-14, ATH-19).
        for (int round = 0; round < 2 && improve(attempt, response, stop); ++round) {
            authorized.authorization = attempt.authorization;
            response = send_authorized(authorized);
        }
        note_refusal(attempt, response);
        return response;
    }

    /// What is known before the first byte is sent: nothing, Basic, or a token (BAS-01, ATH-26).
    Attempt begin(const http::HttpRequest& request, const std::stop_token& stop) {
        const std::string origin = http::origin_of(request.url);
        auto registry = options_.registry_of(origin);
        if (!registry || request.scopes.empty()) {
            return {model::RegistryHost::parse("localhost"), "", {}, {}, std::nullopt, false};
        }
        Attempt attempt{*registry, origin, merge_scopes(request.scopes), {}, std::nullopt, false};
        attempt.credentials = credentials_for(attempt, stop);
        withhold_from_strangers(attempt);
        warn_about_clear_text(attempt);
        if (!attempt.credentials.registry_token.empty()) {
            attempt.authorization =
                base::Secret("Bearer " + attempt.credentials.registry_token.reveal());
            return attempt;
        }
        const auto manner = manners_.with([&](const auto& manners) -> std::optional<Manner> {
            const auto found = manners.find(origin);
            return found == manners.end() ? std::nullopt : std::optional(found->second);
        });
        if (manner && manner->kind == Manner::Kind::bearer) {
            attempt.authorization = token_for(attempt, *manner, stop);
        } else if (manner && may_answer_basic(attempt)) {
            attempt.authorization = basic_authorization(attempt.credentials);
        }
        return attempt;
    }

    /// A wrong password is sent once for what it was refused for, not with every further request:
    /// accounts are locked for less (BAS-05).
    void note_refusal(const Attempt& attempt, http::HttpResponse& response) {
        if (response.status != 401 || response.crossed_origin || attempt.credentials.anonymous()) {
            return;
        }
        if (attempt.authorization) {
            refused_.with([&](auto& refused) { refused.insert(subject_of(attempt)); });
        }
        if (was_refused(attempt)) {
            response.refused_credentials = attempt.credentials.source;
        }
    }

    /// An identity token is no password (BAS-04).
    bool may_answer_basic(const Attempt& attempt) {
        return !attempt.credentials.anonymous() && attempt.credentials.identity_token.empty() &&
               !was_refused(attempt);
    }

    bool was_refused(const Attempt& attempt) {
        return refused_.with(
            [&](const auto& refused) { return refused.contains(subject_of(attempt)); });
    }

    static std::string subject_of(const Attempt& attempt) {
        return attempt.origin + " " + attempt.credentials.source + " " + attempt.scopes_text();
    }

    /// Looks at a refusal; true when there is a better Authorization to try.
    bool improve(Attempt& attempt,
                 const http::HttpResponse& response,
                 const std::stop_token& stop) {
        const bool refused = response.status == 401 || response.status == 403;
        // A stranger behind a redirect gets nothing of ours (RDR-07).
        if (!refused || response.crossed_origin || !attempt.credentials.registry_token.empty()) {
            return false;
        }
        const bool more_scope = wants_more_scope(response, attempt.scopes);
        if (response.status == 403 && !more_scope) {
            return false;
        }
        const auto challenge = best_challenge(response);
        if (!challenge) {
            return false;
        }
        if (challenge->scheme == "basic") {
            return answer_basic(attempt);
        }
        if (attempt.token_is_fresh && !more_scope) {
            return false;
        }
        return answer_bearer(attempt, *challenge, response, stop);
    }

    bool answer_basic(Attempt& attempt) {
        manners_.with([&](auto& manners) {
            manners[attempt.origin] = Manner{Manner::Kind::basic, "", "", ""};
        });
        // Sent once and refused is refused: repeating would lock the account (BAS-05).
        if (attempt.authorization || !may_answer_basic(attempt)) {
            return false;
        }
        attempt.authorization = basic_authorization(attempt.credentials);
        return true;
    }

    bool answer_bearer(Attempt& attempt,
                       const Challenge& challenge,
                       const http::HttpResponse& response,
                       const std::stop_token& stop) {
        Manner manner;
        manner.kind = Manner::Kind::bearer;
        manner.realm = challenge.parameters.at("realm");
        manner.asked_by = response.url;
        if (const auto service = challenge.parameters.find("service");
            service != challenge.parameters.end()) {
            manner.service = service->second;
        }
        manners_.with([&](auto& manners) { manners[attempt.origin] = manner; });
        std::vector<std::string> scopes = attempt.scopes;
        for (std::string& scope : scopes_of(challenge)) {
            scopes.push_back(std::move(scope));
        }
        attempt.scopes = merge_scopes(scopes);
        if (attempt.authorization) {
            constexpr std::size_t kBearerBytes = 7;
            tokens_.drop(base::Secret(attempt.authorization->reveal().substr(kBearerBytes)));
        }
        attempt.authorization = token_for(attempt, manner, stop);
        return true;
    }

    base::Secret token_for(Attempt& attempt, const Manner& manner, const std::stop_token& stop) {
        const TokenCache::Key key{attempt.origin,
                                  manner.service + "\n" + attempt.credentials.source + "\n" +
                                      attempt.credentials.username,
                                  attempt.scopes};
        if (auto known = tokens_.find(key)) {
            return base::Secret("Bearer " + known->reveal());
        }
        // One request for many waiting threads: who waited finds the token in the cache (ATH-18).
        const std::scoped_lock lock(
            fetching_[std::hash<std::string>{}(key.origin + repository_of(attempt.scopes)) %
                      fetching_.size()]);
        if (auto known = tokens_.find(key)) {
            return base::Secret("Bearer " + known->reveal());
        }
        TokenQuestion question;
        question.realm = judge_realm(manner.realm, manner.asked_by, attempt.registry, options_);
        question.service = manner.service;
        question.scopes = attempt.scopes;
        question.asked_by = manner.asked_by;
        question.registry = attempt.registry.str();
        if (!question.realm.trusted && !attempt.credentials.anonymous()) {
            log_.warn("credentials for " + attempt.registry.str() +
                      " are not shown to token server " + base::redacted_url(question.realm.url) +
                      ", which is not of the same site or not verified; asking anonymously");
        }
        const Token token = request_token(inner_, question, attempt.credentials, stop);
        attempt.token_is_fresh = true;
        tokens_.put(key, token);
        return base::Secret("Bearer " + token.text.reveal());
    }

    Credentials credentials_for(const Attempt& attempt, const std::stop_token& stop) {
        const std::string path = repository_of(attempt.scopes);
        if (path.empty()) {
            return credentials_.get(attempt.registry, stop);
        }
        return credentials_.get(model::Repository::parse(attempt.registry.str() + "/" + path),
                                stop);
    }

    /// Whoever sits between can read what is sent to a host whose certificate nobody looks at.
    void withhold_from_strangers(Attempt& attempt) {
        if (attempt.credentials.anonymous() || !attempt.origin.starts_with("https://") ||
            !options_.allow_credentials || options_.allow_credentials(attempt.registry)) {
            return;
        }
        attempt.credentials = Credentials{};
        warn_once(attempt, "credentials for " + attempt.registry.str() +
                               " are not sent, because its certificate is not verified; "
                               "--insecure-credentials " +
                               attempt.registry.str() + " sends them all the same");
    }

    void warn_once(const Attempt& attempt, const std::string& warning) {
        if (warned_.with([&](auto& warned) { return warned.insert(attempt.origin).second; })) {
            log_.warn(warning);
        }
    }

    /// Plain http is spoken only to hosts that were named or are this machine; say once what it
    /// means for a password (BAS-03).
    void warn_about_clear_text(const Attempt& attempt) {
        if (attempt.credentials.anonymous() || attempt.registry.is_loopback() ||
            !attempt.origin.starts_with("http://")) {
            return;
        }
        warn_once(attempt, "credentials for " + attempt.registry.str() + " travel unencrypted");
    }

    http::HttpClient& inner_;
    CredentialStore& credentials_;
    AuthOptions options_;
    base::Log& log_;
    TokenCache tokens_;
    /// By repository: who waits for one token does not wait for another's.
    std::array<std::mutex, 64> fetching_;
    base::Guarded<std::map<std::string, Manner>> manners_;
    base::Guarded<std::set<std::string>> warned_;
    base::Guarded<std::set<std::string>> refused_;
};

}  // namespace

std::unique_ptr<http::HttpClient> make_authenticating_client(http::HttpClient& inner,
                                                             CredentialStore& credentials,
                                                             AuthOptions options,
                                                             base::Clock& clock,
                                                             base::Log& log) {
    return std::make_unique<AuthenticatingClient>(inner, credentials, std::move(options), clock,
                                                  log);
}

}  // namespace regtool::auth
