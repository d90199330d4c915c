#include "cli/doctor.hpp"

#include <cstdlib>

#include "regtool/auth/access.hpp"
#include "regtool/auth/challenge.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/connection_facts.hpp"
#include "regtool/registry/error_body.hpp"

namespace regtool::cli {

namespace {

using ops::Verdict;

constexpr std::int64_t kDaySeconds = 24 * 3600;
constexpr std::int64_t kFewDays = 21;
constexpr std::int64_t kMaxSkewSeconds = 60;

class Examination {
  public:
    Examination(Session& session, const model::RegistryHost& host)
        : session_(session), host_(host) {}

    ops::DoctorReport run(const std::optional<model::Reference>& image) {
        report_.subject = image ? image->familiar() : host_.str();
        step("places", [&] { look_at_places(image); });
        step("connection", [&] { choose_scheme(); });
        step("dns", [&] { look_at_name(); });
        step("connection", [&] { look_at_connection(); });
        step("credentials", [&] { look_at_credentials(image); });
        step("access", [&] { look_at_access(image); });
        if (report_.code == base::ExitCode::ok) {
            step("catalog", [&] { look_at_catalog(); });
            if (image) {
                step("image", [&] { look_at_image(*image); });
            }
        }
        return std::move(report_);
    }

  private:
    void add(std::string area, Verdict verdict, std::string text, std::string advice = {}) {
        report_.findings.push_back({std::move(area), verdict, std::move(text), std::move(advice)});
    }

    /// A step after a failure would only repeat it.
    template <class Work>
    void step(const char* area, const Work& work) {
        if (report_.code != base::ExitCode::ok) {
            return;
        }
        try {
            work();
        } catch (const base::Cancelled&) {
            throw;
        } catch (const base::Error& error) {
            std::string text = error.message();
            for (const std::string& line : error.context()) {
                text += "; " + line;
            }
            add(area, Verdict::failure, text, error.hint());
            report_.code = error.exit_code();
        }
    }

    /// What registries.conf makes of the name; an image is examined where it is read from last.
    void look_at_places(const std::optional<model::Reference>& image) {
        if (!image) {
            return;
        }
        const registry::Locations places = session_.locate(image->repository());
        for (const registry::Mirror& mirror : places.mirrors) {
            add("mirror", Verdict::note, "read first from " + mirror.repository.str(),
                "regtool doctor " + mirror.repository.registry().str());
        }
        if (places.primary != image->repository()) {
            add("location", Verdict::note, "registries.conf leads to " + places.primary.str());
            host_ = places.primary.registry();
        }
    }

    /// Loopback is asked whether it speaks TLS; all others are known without a connection.
    void choose_scheme() {
        base_ = session_.registry().endpoints().base_url(host_, session_.stop());
    }

    void look_at_name() {
        const std::string authority = base_.substr(base_.find("://") + 3);
        const std::string api_host = model::RegistryHost::parse(authority).host();
        const std::string proxy =
            http::proxy_for(session_.client_options(), base_ + "/v2/", session_.log());
        add("proxy", Verdict::good, proxy.empty() ? "none" : "by way of " + proxy);
        std::string list;
        try {
            for (const std::string& address : http::resolve_name(api_host)) {
                list += (list.empty() ? "" : ", ") + address;
            }
        } catch (const base::TransportError& error) {
            if (proxy.empty()) {
                throw;
            }
            add("dns", Verdict::note, error.message() + "; the proxy looks it up by itself");
            return;
        }
        add("dns", Verdict::good, api_host + " is " + list);
    }

    void look_at_connection() {
        http::HttpRequest request;
        request.url = base_ + "/v2/";
        http::ConnectionFacts facts;
        try {
            facts = http::inspect_connection(session_.client_options(), request, session_.log(),
                                             session_.stop());
        } catch (const base::TransportError& error) {
            if (error.phase() == base::TransportPhase::certificate) {
                show_refused_certificates(request);
            }
            throw;
        }
        add("connection", Verdict::good,
            base_ + " answers from " + facts.address + " over HTTP/" + facts.response.http_version +
                ", ready after " + std::to_string(facts.connected.count()) +
                " ms, first byte after " + std::to_string(facts.answered.count()) + " ms");
        look_at_certificates(facts);
        look_at_clock(facts.response);
        look_at_api(facts.response);
    }

    /// Whom the server says to be: asked without credentials and believed in nothing.
    void show_refused_certificates(const http::HttpRequest& request) {
        http::ClientOptions options = session_.client_options();
        options.host_settings = [](std::string_view) {
            http::HostSettings settings;
            settings.insecure_tls = true;
            return settings;
        };
        const http::ConnectionFacts facts =
            http::inspect_connection(options, request, session_.log(), session_.stop());
        for (const http::CertificateFacts& certificate : facts.chain) {
            add("tls", Verdict::note,
                "presented, not verified: " + base::printable(certificate.subject, 200) +
                    ", issued by " + base::printable(certificate.issuer, 200) +
                    (certificate.names.empty()
                         ? ""
                         : ", for " + base::printable(certificate.names, 200)));
        }
    }

    void look_at_certificates(const http::ConnectionFacts& facts) {
        if (base_.starts_with("http://")) {
            add("tls", host_.is_loopback() ? Verdict::note : Verdict::warning,
                "plain http: nothing is encrypted",
                host_.is_loopback() ? "" : "give the registry a certificate");
            return;
        }
        for (const http::CertificateFacts& certificate : facts.chain) {
            if (!certificate.expires) {
                continue;
            }
            const std::int64_t days = (*certificate.expires - now()) / kDaySeconds;
            const bool soon = days < kFewDays;
            add("tls", soon ? Verdict::warning : Verdict::good,
                base::printable(certificate.subject, 200) + ", issued by " +
                    base::printable(certificate.issuer, 200) + ", ends in " + std::to_string(days) +
                    " days",
                soon ? "renew the certificate" : "");
        }
    }

    void look_at_clock(const http::HttpResponse& response) {
        const auto date = response.headers.get("Date");
        const auto theirs = date ? base::parse_http_date(*date) : std::nullopt;
        if (!theirs) {
            add("clock", Verdict::note, "the registry does not tell the time");
            return;
        }
        const std::int64_t skew = now() - *theirs;
        const bool wrong = std::llabs(skew) > kMaxSkewSeconds;
        add("clock", wrong ? Verdict::warning : Verdict::good,
            "this machine is " + std::to_string(std::llabs(skew)) + " s " +
                (skew < 0 ? "behind" : "ahead of") + " the registry",
            wrong ? "set the clock; certificates and tokens depend on it" : "");
    }

    void look_at_api(const http::HttpResponse& response) {
        const bool known = response.status == 200 || response.status == 401;
        const std::string version(
            response.headers.get("Docker-Distribution-Api-Version").value_or("no version header"));
        add("api", known ? Verdict::good : Verdict::warning,
            "/v2/ answers with status " + std::to_string(response.status) + " (" + version + ")",
            known ? "" : "is this a registry?");
    }

    void look_at_credentials(const std::optional<model::Reference>& image) {
        credentials_ = image ? session_.credentials().get(image->repository(), session_.stop())
                             : session_.credentials().get(host_, session_.stop());
        if (credentials_.anonymous()) {
            std::string places;
            for (const std::string& place :
                 auth::credential_places(session_.credential_options())) {
                places += (places.empty() ? "" : ", ") + place;
            }
            add("credentials", Verdict::note,
                session_.options.anonymous
                    ? "none: --anonymous is set"
                    : "none: access is anonymous; looked for " + host_.str() + " in " + places,
                "regtool login " + host_.str() + ", if it should not be");
        } else {
            add("credentials", Verdict::good,
                (credentials_.username.empty() ? "a token" : "user " + credentials_.username) +
                    " from " + credentials_.source);
        }
    }

    void look_at_access(const std::optional<model::Reference>& image) {
        const std::vector<std::string> scopes =
            image ? std::vector<std::string>{"repository:" + image->repository().path() + ":pull"}
                  : std::vector<std::string>{};
        const auth::AccessReport access = auth::find_access(
            session_.plain_client(), {base_ + "/v2/", host_, scopes, credentials_, false},
            session_.auth_options(), session_.stop());
        if (access.scheme.empty()) {
            add("access", Verdict::good, "no credentials are asked for");
        } else if (access.scheme == "basic") {
            look_at_password(access);
        } else {
            look_at_token(access);
        }
    }

    /// Only a request with the password tells whether it is the right one.
    void look_at_password(const auth::AccessReport& access) {
        const std::string asked = "user name and password are asked for with every request";
        if (credentials_.anonymous()) {
            add("access", Verdict::warning, asked, "regtool login " + host_.str());
            return;
        }
        if (access.withheld) {
            add("access", Verdict::warning,
                asked + ", and not sent because the certificate is not verified",
                "--insecure-credentials " + host_.str());
            return;
        }
        const http::HttpResponse response = session_.registry().ping(host_, session_.stop());
        if (!response.ok()) {
            registry::throw_for_response(http::Method::get, response, asked, host_.str());
        }
        add("access", Verdict::good, asked + "; ours are accepted");
    }

    void look_at_token(const auth::AccessReport& access) {
        std::string scopes;
        for (const std::string& scope : access.scopes) {
            scopes += " " + scope;
        }
        add("access", Verdict::good,
            "token server " + base::redacted_url(access.realm) + " gave a token for " +
                std::to_string(access.token_lifetime.count()) + " s" +
                (scopes.empty() ? "" : ", asked for" + scopes));
        look_at_scopes(access);
        if (access.withheld) {
            add("access", Verdict::warning,
                "the token server is of another site than the registry or not verified, so the "
                "credentials were not shown to it");
        }
    }

    /// A token may allow less than was asked for, without an error (ATH-14).
    void look_at_scopes(const auth::AccessReport& access) {
        if (!access.granted) {
            add("scopes", Verdict::note, "the token does not say what it allows");
            return;
        }
        std::string got;
        for (const std::string& scope : *access.granted) {
            got += (got.empty() ? "" : " ") + base::printable(scope, 200);
        }
        const bool enough = auth::covers(*access.granted, access.scopes);
        add("scopes", enough ? Verdict::good : Verdict::warning,
            got.empty() ? "the token allows nothing" : "the token allows " + got,
            enough ? "" : "log in as somebody who may, or ask the owner of the repository");
    }

    http::HttpResponse ask(http::Method method, const std::string& path, std::string scope) {
        http::HttpRequest request;
        request.method = method;
        request.url = base_ + path;
        request.scopes = {std::move(scope)};
        return session_.registry().http().send(request, session_.stop());
    }

    void look_at_catalog() {
        const http::HttpResponse response =
            ask(http::Method::get, "/v2/_catalog?n=1", "registry:catalog:*");
        add("catalog", response.ok() ? Verdict::good : Verdict::note,
            response.ok() ? "offered"
                          : "not offered to us (status " + std::to_string(response.status) + ")");
    }

    void look_at_image(const model::Reference& image) {
        registry::RegistryClient& registry = session_.registry();
        const model::Descriptor descriptor = registry.resolve(image, session_.stop());
        add("image", Verdict::good, image.familiar() + " is " + descriptor.digest.str());
        const std::string scope = "repository:" + image.repository().path() + ":pull";
        const std::string root = "/v2/" + image.repository().path();
        const http::HttpResponse referrers =
            ask(http::Method::get, root + "/referrers/" + descriptor.digest.str(), scope);
        add("referrers", referrers.ok() ? Verdict::good : Verdict::note,
            referrers.ok() ? "API offered"
                           : "no API (status " + std::to_string(referrers.status) +
                                 "); the fallback tag stands in");
        const model::Manifest manifest = registry.manifest(image, session_.stop());
        if (manifest.image() != nullptr) {
            look_at_ranges(image.repository(), manifest.image()->config);
        }
        look_at_limits(image);
        add("delete", Verdict::note, "not tried: it would delete");
    }

    void look_at_ranges(const model::Repository& repository, const model::Descriptor& blob) {
        stream::NullSink sink;
        try {
            session_.registry().fetch_blob_range(repository, blob.digest, {0, 0}, sink,
                                                 session_.stop());
            add("ranges", Verdict::good, "parts of blobs are served: broken downloads go on");
        } catch (const base::RegistryError&) {
            add("ranges", Verdict::note,
                "parts of blobs are not served: broken downloads start over");
        }
    }

    void look_at_limits(const model::Reference& image) {
        http::HttpRequest request;
        request.method = http::Method::head;
        request.url = base_ + "/v2/" + image.repository().path() + "/manifests/" + image.selector();
        request.scopes = {"repository:" + image.repository().path() + ":pull"};
        const http::HttpResponse response =
            session_.registry().http().send(request, session_.stop());
        const auto limit = response.headers.get("ratelimit-limit");
        const auto left = response.headers.get("ratelimit-remaining");
        add("limits", Verdict::good,
            limit || left ? "limit " + std::string(limit.value_or("?")) + ", remaining " +
                                std::string(left.value_or("?"))
                          : "none reported");
    }

    [[nodiscard]] std::int64_t now() {
        return std::chrono::system_clock::to_time_t(session_.clock().wall());
    }

    Session& session_;
    model::RegistryHost host_;
    std::string base_;
    auth::Credentials credentials_;
    ops::DoctorReport report_;
};

}  // namespace

ops::DoctorReport examine(Session& session,
                          const model::RegistryHost& host,
                          const std::optional<model::Reference>& image) {
    return Examination(session, host).run(image);
}

}  // namespace regtool::cli
