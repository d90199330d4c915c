#include "regtool/http/stopping_client.hpp"

#include <functional>

#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::http;

namespace {

/// Asks, in the midst of each call, whether it is to stop.
class Asked final : public HttpClient {
  public:
    std::function<void()> in_the_midst = [] {};
    bool was_stopped = false;

    HttpResponse send(const HttpRequest& /*request*/, std::stop_token stop) override {
        return ask(stop);
    }

    void send_many(const RequestProducer& /*next*/,
                   const CompletionHandler& /*done*/,
                   std::stop_token stop) override {
        (void)ask(stop);
    }

    HttpResponse download(const HttpRequest& /*request*/,
                          BodyReceiver& /*receiver*/,
                          std::stop_token stop) override {
        return ask(stop);
    }

    HttpResponse upload(const HttpRequest& /*request*/,
                        const SourceFactory& /*body*/,
                        std::optional<std::uint64_t> /*size*/,
                        std::stop_token stop) override {
        return ask(stop);
    }

  private:
    HttpResponse ask(const std::stop_token& stop) {
        in_the_midst();
        was_stopped = stop.stop_requested();
        return {};
    }
};

struct NoBody final : BodyReceiver {
    void on_head(const HttpResponse& /*head*/) override {}

    void on_body(std::span<const std::byte> /*bytes*/) override {}
};

}  // namespace

TEST_CASE("a call ends when it is to stop, and when all are") {
    enum class What { nothing, it, all };
    for (const What what : {What::nothing, What::it, What::all}) {
        for (int kind = 0; kind < 4; ++kind) {
            CAPTURE(static_cast<int>(what), kind);
            Asked inner;
            std::stop_source all;
            std::stop_source it;
            const auto client = make_stopping_client(inner, all.get_token());
            inner.in_the_midst = [&] {
                if (what != What::nothing) {
                    (what == What::it ? it : all).request_stop();
                }
            };
            NoBody nobody;
            if (kind == 0) {
                (void)client->send({}, it.get_token());
            } else if (kind == 1) {
                client->send_many({}, {}, it.get_token());
            } else if (kind == 2) {
                (void)client->download({}, nobody, it.get_token());
            } else {
                (void)client->upload({}, {}, std::nullopt, it.get_token());
            }
            CHECK(inner.was_stopped == (what != What::nothing));
        }
    }
}
