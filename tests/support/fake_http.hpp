#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "regtool/http/client.hpp"

namespace regtool::test {

/// An HttpClient whose answers a test chooses. Records every request. Thread-safe as far as the
/// handler is.
class FakeHttp final : public http::HttpClient {
  public:
    using Handler = std::function<http::HttpResponse(const http::HttpRequest&)>;

    explicit FakeHttp(Handler handler) : handler_(std::move(handler)) {}

    /// Called when there is nothing to send yet: let the clock move on.
    std::function<void()> when_idle;

    http::HttpResponse send(const http::HttpRequest& request, std::stop_token stop) override;
    void send_many(const http::RequestProducer& next,
                   const http::CompletionHandler& done,
                   std::stop_token stop) override;
    /// Hands a 2xx body to the receiver in pieces of 1000 bytes; a header "X-Break-After: N" makes
    /// it throw a TransportError after N bytes.
    http::HttpResponse download(const http::HttpRequest& request,
                                http::BodyReceiver& receiver,
                                std::stop_token stop) override;
    /// The body arrives in the recorded request.
    http::HttpResponse upload(const http::HttpRequest& request,
                              const http::SourceFactory& body,
                              std::optional<std::uint64_t> size,
                              std::stop_token stop) override;

    [[nodiscard]] std::vector<http::HttpRequest> requests() const;

  private:
    http::HttpResponse answer(const http::HttpRequest& request);

    Handler handler_;
    mutable std::mutex mutex_;
    std::vector<http::HttpRequest> requests_;
};

/// An answer with headers given in pairs.
[[nodiscard]] http::HttpResponse respond(
    int status,
    std::vector<std::pair<std::string, std::string>> headers = {},
    std::string body = {});

}  // namespace regtool::test
