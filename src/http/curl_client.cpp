#include "regtool/http/curl_client.hpp"

#include "http/transport.hpp"
#include "regtool/base/error.hpp"

namespace regtool::http {

namespace {

/// Longest sleep between two looks at the clock; a stop wakes earlier.
constexpr int kMaxWaitMs = 1000;

/// A transfer on loan from its pool. Given back only after an orderly end.
class Loan {
  public:
    Loan(TransferPool& pool, const std::string& origin)
        : pool_(pool), transfer_(pool.take(origin)) {}

    [[nodiscard]] Transfer& operator*() noexcept { return *transfer_; }

    void give_back() { pool_.give_back(std::move(transfer_)); }

  private:
    TransferPool& pool_;
    std::unique_ptr<Transfer> transfer_;
};

/// Runs one transfer to its end on this thread.
CURLcode run(Transfer& transfer, const std::stop_token& stop) {
    struct Added {
        explicit Added(Transfer& t) : transfer(t) { transfer.multi.add(transfer.handle); }

        ~Added() { transfer.multi.remove(transfer.handle); }

        Added(const Added&) = delete;
        Added& operator=(const Added&) = delete;
        Added(Added&&) = delete;
        Added& operator=(Added&&) = delete;
        Transfer& transfer;
    };

    const Added added(transfer);
    const std::stop_callback wake(stop, [&transfer] { transfer.multi.wake(); });
    while (transfer.multi.perform() > 0) {
        transfer.multi.wait(kMaxWaitMs);
    }
    return transfer.multi.next_finished().code;
}

class CurlClient final : public HttpClient {
  public:
    CurlClient(ClientOptions options, base::Log& log) : transport_(std::move(options), log) {}

    HttpResponse send(const HttpRequest& request, std::stop_token stop) override {
        if (!request.ask_before_repeat) {
            return follow(request, metadata_, {}, stop);
        }
        // A body that libcurl holds itself it sends again where an idle connection breaks; a stream
        // that cannot begin anew it does not.
        stream::StringSource body(request.body);
        return follow(request, metadata_, {nullptr, &body, nullptr, request.body.size()}, stop);
    }

    void send_many(const RequestProducer& next,
                   const CompletionHandler& done,
                   std::stop_token stop) override {
        http::send_many(transport_, next, done, std::move(stop));
    }

    HttpResponse download(const HttpRequest& request,
                          BodyReceiver& receiver,
                          std::stop_token stop) override {
        return follow(request, bodies_, {&receiver, nullptr, nullptr, std::nullopt}, stop);
    }

    HttpResponse upload(const HttpRequest& request,
                        const SourceFactory& body,
                        std::optional<std::uint64_t> size,
                        std::stop_token stop) override {
        const std::unique_ptr<stream::Source> source = body();
        return follow(request, bodies_, {nullptr, source.get(), &body, size}, stop);
    }

  private:
    struct Streams {
        BodyReceiver* receiver = nullptr;
        stream::Source* upload = nullptr;
        const SourceFactory* upload_again = nullptr;
        std::optional<std::uint64_t> upload_size;
    };

    HttpResponse follow(const HttpRequest& request,
                        TransferPool& pool,
                        const Streams& streams,
                        const std::stop_token& stop) {
        RedirectChain chain(request);
        while (true) {
            HttpResponse response = one_hop(chain.request(), pool, streams, stop);
            if (!chain.follow(response)) {
                response.crossed_origin = chain.crossed_origin();
                return response;
            }
        }
    }

    HttpResponse one_hop(const HttpRequest& request,
                         TransferPool& pool,
                         const Streams& streams,
                         const std::stop_token& stop) {
        if (stop.stop_requested()) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
        ExchangeContext context = transport_.context_for(request, stop);
        context.receiver = streams.receiver;
        context.upload = streams.upload;
        context.upload_again = streams.upload_again;
        context.upload_size = streams.upload_size;
        // Bodies stay on HTTP/1.1: uploads over HTTP/2 spin in libcurl 7.88, and a slow reader
        // there makes it hoard.
        context.http2 = &pool == &metadata_ && request.body.empty();
        Loan loan(pool, origin_of(request.url));
        Exchange exchange((*loan).handle, request, std::move(context));
        const CURLcode code = run(*loan, stop);
        HttpResponse response = exchange.finish(code);
        transport_.learn(request, exchange);
        loan.give_back();
        return response;
    }

    Transport transport_;
    TransferPool metadata_;
    TransferPool bodies_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(ClientOptions options, base::Log& log) {
    initialise_curl();
    return std::make_unique<CurlClient>(std::move(options), log);
}

std::string transport_versions() {
    const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
    std::string text = std::string("libcurl/") + info->version;
    if (info->ssl_version != nullptr) {
        text += std::string(" ") + info->ssl_version;
    }
    if (info->nghttp2_version != nullptr && (info->features & CURL_VERSION_HTTP2) != 0) {
        text += std::string(" nghttp2/") + info->nghttp2_version;
    }
    return text;
}

}  // namespace regtool::http
