#include "regtool/http/stopping_client.hpp"

#include <utility>

#include "regtool/base/either_stop.hpp"

namespace regtool::http {

namespace {

class StoppingClient final : public HttpClient {
    template <class Call>
    auto call(const std::stop_token& stop, const Call& what) {
        if (stop == all_) {
            return what(stop);
        }
        const base::EitherStop either(stop, all_);
        return what(either.token());
    }

  public:
    StoppingClient(HttpClient& inner, std::stop_token all) : inner_(inner), all_(std::move(all)) {}

    HttpResponse send(const HttpRequest& request, std::stop_token stop) override {
        return call(stop,
                    [&](const std::stop_token& either) { return inner_.send(request, either); });
    }

    void send_many(const RequestProducer& next,
                   const CompletionHandler& done,
                   std::stop_token stop) override {
        call(stop, [&](const std::stop_token& either) { inner_.send_many(next, done, either); });
    }

    HttpResponse download(const HttpRequest& request,
                          BodyReceiver& receiver,
                          std::stop_token stop) override {
        return call(stop, [&](const std::stop_token& either) {
            return inner_.download(request, receiver, either);
        });
    }

    HttpResponse upload(const HttpRequest& request,
                        const SourceFactory& body,
                        std::optional<std::uint64_t> size,
                        std::stop_token stop) override {
        return call(stop, [&](const std::stop_token& either) {
            return inner_.upload(request, body, size, either);
        });
    }

  private:
    HttpClient& inner_;
    std::stop_token all_;
};

}  // namespace

std::unique_ptr<HttpClient> make_stopping_client(HttpClient& inner, std::stop_token all) {
    return std::make_unique<StoppingClient>(inner, std::move(all));
}

}  // namespace regtool::http
