#include <set>

#include "http/url.hpp"
#include "regtool/base/guarded.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/warnings.hpp"

namespace regtool::http {

namespace {

/// Texts that are remembered so as not to be shown twice; beyond it they are not shown at all.
constexpr std::size_t kMostTexts = 100;

/// As people write it: without the scheme's own port.
std::string server_of(const std::string& text) {
    const Url url = Url::parse(text);
    const bool is_default = url.port() == (url.scheme() == "https" ? "443" : "80");
    return is_default ? url.host() : url.host_port();
}

class WarningClient final : public HttpClient {
  public:
    WarningClient(HttpClient& inner, base::Log& log) : inner_(inner), log_(log) {}

    HttpResponse send(const HttpRequest& request, std::stop_token stop) override {
        return shown(inner_.send(request, std::move(stop)));
    }

    void send_many(const RequestProducer& next,
                   const CompletionHandler& done,
                   std::stop_token stop) override {
        inner_.send_many(
            next,
            [&](Completion completion) {
                if (const auto* response = std::get_if<HttpResponse>(&completion.result)) {
                    show(*response);
                }
                done(std::move(completion));
            },
            std::move(stop));
    }

    HttpResponse download(const HttpRequest& request,
                          BodyReceiver& receiver,
                          std::stop_token stop) override {
        return shown(inner_.download(request, receiver, std::move(stop)));
    }

    HttpResponse upload(const HttpRequest& request,
                        const SourceFactory& body,
                        std::optional<std::uint64_t> size,
                        std::stop_token stop) override {
        return shown(inner_.upload(request, body, size, std::move(stop)));
    }

  private:
    HttpResponse shown(HttpResponse response) {
        show(response);
        return response;
    }

    void show(const HttpResponse& response) {
        for (const std::string& text : warnings_of(response.headers)) {
            const bool is_new = seen_.with([&](std::set<std::string>& seen) {
                return seen.size() < kMostTexts && seen.insert(text).second;
            });
            if (is_new) {
                log_.warn("registry warning (" + server_of(response.url) +
                          "): " + base::printable(text));
            }
        }
    }

    HttpClient& inner_;
    base::Log& log_;
    base::Guarded<std::set<std::string>> seen_;
};

}  // namespace

std::unique_ptr<HttpClient> make_warning_client(HttpClient& inner, base::Log& log) {
    return std::make_unique<WarningClient>(inner, log);
}

}  // namespace regtool::http
