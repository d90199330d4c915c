#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "http/transport.hpp"
#include "regtool/base/error.hpp"

namespace regtool::http {

namespace {

/// HTTP/2 carries 100 streams on one connection; servers of HTTP/1.1 get this many.
constexpr long kMaxConnectionsPerHost = 16;
constexpr int kMaxWaitMs = 1000;

/// One request in flight, with all its redirects.
struct Slot {
    explicit Slot(NextRequest next) : tag(next.tag), chain(std::move(next.request)) {}

    std::size_t tag;
    RedirectChain chain;
    CurlHandle handle;
    std::unique_ptr<Exchange> exchange;
};

class Lane {
  public:
    Lane(Transport& transport,
         const RequestProducer& next,
         const CompletionHandler& done,
         std::stop_token stop)
        : transport_(transport), next_(next), done_(done), stop_(std::move(stop)) {
        multi_.limit_connections(kMaxConnectionsPerHost);
    }

    ~Lane() {
        for (auto& [handle, slot] : active_) {
            multi_.remove(slot->handle);
        }
    }

    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    Lane(Lane&&) = delete;
    Lane& operator=(Lane&&) = delete;

    void run() {
        const std::stop_callback wake(stop_, [this] { multi_.wake(); });
        while (true) {
            if (stop_.stop_requested()) {
                throw base::Cancelled(base::ErrorKind::interrupted);
            }
            fill();
            if (active_.empty() && exhausted_) {
                return;
            }
            (void)multi_.perform();
            if (!deliver()) {
                multi_.wait(wait_ms());
            }
        }
    }

  private:
    using Milliseconds = std::chrono::milliseconds;

    void fill() {
        asked_at_.reset();
        while (!exhausted_ && active_.size() < transport_.options().window) {
            NextRequest next = next_();
            if (next.state == NextRequest::State::done) {
                exhausted_ = true;
            } else if (next.state == NextRequest::State::later) {
                asked_at_ = next.not_before;
                return;
            } else {
                start(std::make_unique<Slot>(std::move(next)));
            }
        }
    }

    void start(std::unique_ptr<Slot> slot) {
        try {
            const HttpRequest& request = slot->chain.request();
            ExchangeContext context = transport_.context_for(request, stop_);
            context.http2 = true;
            slot->exchange = std::make_unique<Exchange>(slot->handle, request, std::move(context));
            slot->handle.set<CURLOPT_PIPEWAIT>(1L);
            multi_.add(slot->handle);
        } catch (const base::Error&) {
            done_({slot->tag, std::current_exception()});
            return;
        }
        CURL* key = slot->handle.get();
        active_.emplace(key, std::move(slot));
    }

    /// Hands out what ended; false when nothing did.
    bool deliver() {
        bool any = false;
        for (auto finished = multi_.next_finished(); finished.handle != nullptr;
             finished = multi_.next_finished()) {
            any = true;
            auto node = active_.extract(finished.handle);
            std::unique_ptr<Slot> slot = std::move(node.mapped());
            multi_.remove(slot->handle);
            settle(std::move(slot), finished.code);
        }
        return any;
    }

    void settle(std::unique_ptr<Slot> slot, CURLcode code) {
        Completion completion{slot->tag, std::exception_ptr()};
        try {
            HttpResponse response = slot->exchange->finish(code);
            transport_.learn(slot->chain.request(), *slot->exchange);
            if (slot->chain.follow(response)) {
                start(std::move(slot));
                return;
            }
            response.crossed_origin = slot->chain.crossed_origin();
            completion.result = std::move(response);
        } catch (const base::Error&) {
            completion.result = std::current_exception();
        }
        done_(std::move(completion));
    }

    [[nodiscard]] int wait_ms() const {
        if (!asked_at_) {
            return kMaxWaitMs;
        }
        const auto now = std::chrono::steady_clock::now();
        if (*asked_at_ >= now + Milliseconds(kMaxWaitMs)) {
            return kMaxWaitMs;
        }
        const auto left = std::chrono::duration_cast<Milliseconds>(*asked_at_ - now);
        return static_cast<int>(std::max<Milliseconds::rep>(left.count() + 1, 1));
    }

    Transport& transport_;
    const RequestProducer& next_;
    const CompletionHandler& done_;
    std::stop_token stop_;
    CurlMulti multi_;
    std::map<CURL*, std::unique_ptr<Slot>> active_;
    std::optional<std::chrono::steady_clock::time_point> asked_at_;
    bool exhausted_ = false;
};

}  // namespace

void send_many(Transport& transport,
               const RequestProducer& next,
               const CompletionHandler& done,
               std::stop_token stop) {
    Lane(transport, next, done, std::move(stop)).run();
}

}  // namespace regtool::http
