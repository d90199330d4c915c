#include <atomic>
#include <deque>
#include <map>
#include <string>

#include "http/host_gate.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/http/retry.hpp"

namespace regtool::http {

namespace {

using std::chrono::milliseconds;
using TimePoint = std::chrono::steady_clock::time_point;

/// Waits longer than this are worth a line even without -v.
constexpr milliseconds kNoticeableWait{5'000};

/// Notes whether an answer began to reach the real receiver.
class WatchedReceiver final : public BodyReceiver {
  public:
    explicit WatchedReceiver(BodyReceiver& inner) : inner_(inner) {}

    void on_head(const HttpResponse& head) override {
        began_ = true;
        inner_.on_head(head);
    }

    void on_body(std::span<const std::byte> bytes) override { inner_.on_body(bytes); }

    [[nodiscard]] bool began() const noexcept { return began_; }

  private:
    BodyReceiver& inner_;
    bool began_ = false;
};

/// How often one operation was tried and how long it waited.
struct Tries {
    int attempt = 0;
    milliseconds waited{0};
};

class RetryingClient final : public HttpClient {
  public:
    RetryingClient(HttpClient& inner,
                   RetryLimits limits,
                   base::Clock& clock,
                   base::Random& random,
                   base::Log& log)
        : inner_(inner),
          limits_(limits),
          clock_(clock),
          random_(random),
          log_(log),
          gate_(limits.max_retries) {}

    HttpResponse send(const HttpRequest& request, std::stop_token stop) override {
        return repeat(
            request, [&] { return inner_.send(request, stop); }, [] { return true; }, stop);
    }

    HttpResponse download(const HttpRequest& request,
                          BodyReceiver& receiver,
                          std::stop_token stop) override {
        WatchedReceiver watched(receiver);
        return repeat(
            request, [&] { return inner_.download(request, watched, stop); },
            [&] { return !watched.began(); }, stop);
    }

    /// Whether a broken upload left something behind only its session knows, so the caller asks it.
    HttpResponse upload(const HttpRequest& request,
                        const SourceFactory& body,
                        std::optional<std::uint64_t> size,
                        std::stop_token stop) override {
        wait_for_host(request, stop);
        count_request();
        HttpResponse response = inner_.upload(request, body, size, stop);
        note(request, response.status);
        return response;
    }

    void send_many(const RequestProducer& next,
                   const CompletionHandler& done,
                   std::stop_token stop) override;

  private:
    class Batch;

    template <class Attempt, class MayRepeat>
    HttpResponse repeat(const HttpRequest& request,
                        const Attempt& attempt,
                        const MayRepeat& may_repeat,
                        const std::stop_token& stop) {
        Tries tries;
        while (true) {
            wait_for_host(request, stop);
            count_request();
            std::optional<milliseconds> wait;
            try {
                HttpResponse response = attempt();
                wait = after_answer(request, response, tries);
                if (!wait) {
                    return response;
                }
            } catch (const base::TransportError& error) {
                wait = may_repeat() ? after_failure(request, error, tries) : std::nullopt;
                if (!wait) {
                    throw;
                }
            }
            sleep(*wait, stop);
        }
    }

    /// nullopt: this is the final answer.
    std::optional<milliseconds> after_answer(const HttpRequest& request,
                                             const HttpResponse& response,
                                             Tries& tries) {
        note(request, response.status);
        if (response.status < 400) {
            return std::nullopt;
        }
        Failure failure = failure_of(response, clock_);
        failure.idempotent =
            is_idempotent(request) && !(request.ask_before_repeat && may_be_done(response.status));
        failure.behind_redirect = response.crossed_origin && request.method == Method::get;
        const auto wait = decide(failure, tries);
        const bool host_wide =
            response.status == 429 || (response.status == 503 && failure.retry_after);
        if (wait && host_wide) {
            gate_.pause(origin_of(request.url), clock_.monotonic() + *wait);
        }
        if (wait) {
            report(request, "status " + std::to_string(response.status), *wait);
        }
        return wait;
    }

    std::optional<milliseconds> after_failure(const HttpRequest& request,
                                              const base::TransportError& error,
                                              Tries& tries) {
        note(request, 0);
        Failure failure;
        failure.transport_retryable = error.retryable();
        failure.idempotent =
            is_idempotent(request) && !(request.ask_before_repeat && may_be_done(error));
        const auto wait = decide(failure, tries);
        if (wait) {
            report(request, error.message(), *wait);
        }
        return wait;
    }

    std::optional<milliseconds> decide(const Failure& failure, Tries& tries) {
        const auto wait =
            next_wait(limits_, tries.attempt, failure, tries.waited, random_.uniform());
        if (wait) {
            ++tries.attempt;
            tries.waited += *wait;
        }
        return wait;
    }

    /// A chunk may have been stored although its answer was lost.
    static bool is_idempotent(const HttpRequest& request) {
        return request.method != Method::patch;
    }

    void report(const HttpRequest& request, const std::string& why, milliseconds wait) {
        const std::string line = std::string(to_string(request.method)) + " " +
                                 base::redacted_url(request.url) + ": " + why +
                                 "; trying again in " + std::to_string(wait.count()) + " ms";
        if (wait >= kNoticeableWait) {
            log_.warn(line);
        } else {
            log_.info(line);
        }
    }

    void wait_for_host(const HttpRequest& request, const std::stop_token& stop) {
        const std::string origin = origin_of(request.url);
        gate_.require_hope(origin);
        while (!gate_.enter(origin, clock_.monotonic())) {
            const auto left = std::chrono::duration_cast<milliseconds>(gate_.opens_at(origin) -
                                                                       clock_.monotonic());
            sleep(std::max(left, milliseconds(1)), stop);
            gate_.require_hope(origin);
        }
    }

    /// Tells the gate how the host did: an answer that only a broken server gives is a failure; a
    /// refusal, also for going too fast, is a sign of life.
    void note(const HttpRequest& request, int status) {
        const std::string origin = origin_of(request.url);
        constexpr int kNotImplemented = 501;
        if (status == 0 || (status >= 500 && status != kNotImplemented)) {
            gate_.failed(origin, status, clock_.monotonic());
        } else {
            gate_.succeeded(origin);
        }
    }

    void count_request() {
        if (limits_.max_requests == 0 ||
            requests_.fetch_add(1, std::memory_order_relaxed) < limits_.max_requests) {
            return;
        }
        base::Error error(base::ErrorKind::limited, "the " + std::to_string(limits_.max_requests) +
                                                        " requests of --max-requests are spent");
        error.set_hint("--max-requests N to allow more");
        throw error;
    }

    void sleep(milliseconds wait, const std::stop_token& stop) {
        if (!clock_.sleep_for(wait, stop)) {
            throw base::Cancelled(base::ErrorKind::interrupted);
        }
    }

    HttpClient& inner_;
    RetryLimits limits_;
    base::Clock& clock_;
    base::Random& random_;
    base::Log& log_;
    HostGate gate_;
    std::atomic<std::uint64_t> requests_{0};
};

/// The retries of one send_many: instead of sleeping, a failed request waits in a queue while
/// others go on.
class RetryingClient::Batch {
  public:
    Batch(RetryingClient& client, const RequestProducer& next, const CompletionHandler& done)
        : client_(client), next_(next), done_(done) {}

    NextRequest produce() {
        const TimePoint now = client_.clock_.monotonic();
        drop_hopeless();
        for (auto waiting = waiting_.begin(); waiting != waiting_.end(); ++waiting) {
            if (waiting->not_before <= now && may_go(waiting->flight.request, now)) {
                Flight flight = std::move(waiting->flight);
                waiting_.erase(waiting);
                return launch(std::move(flight));
            }
        }
        while (!held_ && !exhausted_) {
            hold_next();
            if (!held_ || !finish_hopeless(*held_)) {
                break;
            }
            held_.reset();
        }
        if (held_ && may_go(held_->request, now)) {
            Flight flight = std::move(*held_);
            held_.reset();
            return launch(std::move(flight));
        }
        return later_or_done();
    }

    void settle(Completion completion) {
        auto node = flights_.extract(completion.tag);
        Flight flight = std::move(node.mapped());
        const auto wait = wait_after(flight, completion);
        if (wait) {
            waiting_.push_back({client_.clock_.monotonic() + *wait, std::move(flight)});
            return;
        }
        completion.tag = flight.tag;
        done_(std::move(completion));
    }

  private:
    struct Flight {
        std::size_t tag = 0;
        HttpRequest request;
        Tries tries;
    };

    struct Waiting {
        TimePoint not_before;
        Flight flight;
    };

    std::optional<milliseconds> wait_after(Flight& flight, const Completion& completion) {
        if (const auto* response = std::get_if<HttpResponse>(&completion.result)) {
            return client_.after_answer(flight.request, *response, flight.tries);
        }
        try {
            std::rethrow_exception(std::get<std::exception_ptr>(completion.result));
        } catch (const base::TransportError& error) {
            return client_.after_failure(flight.request, error, flight.tries);
        } catch (const base::Error&) {
            return std::nullopt;
        }
    }

    void hold_next() {
        NextRequest next = next_();
        asked_at_ = next.not_before;
        if (next.state == NextRequest::State::done) {
            exhausted_ = true;
        } else if (next.state == NextRequest::State::ready) {
            held_ = Flight{next.tag, std::move(next.request), {}};
        }
    }

    /// Ends a request to a host that was given up; false when there is hope.
    bool finish_hopeless(const Flight& flight) {
        try {
            client_.gate_.require_hope(origin_of(flight.request.url));
            return false;
        } catch (const base::Error&) {
            done_({flight.tag, std::current_exception()});
            return true;
        }
    }

    void drop_hopeless() {
        std::erase_if(waiting_,
                      [&](const Waiting& waiting) { return finish_hopeless(waiting.flight); });
        if (held_ && finish_hopeless(*held_)) {
            held_.reset();
        }
    }

    bool may_go(const HttpRequest& request, TimePoint now) {
        return client_.gate_.enter(origin_of(request.url), now);
    }

    NextRequest launch(Flight flight) {
        client_.count_request();
        NextRequest next;
        next.state = NextRequest::State::ready;
        next.tag = ++last_tag_;
        next.request = flight.request;
        flights_.emplace(next.tag, std::move(flight));
        return next;
    }

    NextRequest later_or_done() {
        NextRequest next;
        if (exhausted_ && waiting_.empty() && !held_ && flights_.empty()) {
            return next;
        }
        next.state = NextRequest::State::later;
        next.not_before = TimePoint::max();
        for (const Waiting& waiting : waiting_) {
            next.not_before =
                std::min(next.not_before, std::max(waiting.not_before, pause_of(waiting.flight)));
        }
        if (held_) {
            next.not_before = std::min(next.not_before, pause_of(*held_));
        } else if (!exhausted_) {
            next.not_before = std::min(next.not_before, asked_at_);
        }
        return next;
    }

    TimePoint pause_of(const Flight& flight) const {
        return client_.gate_.opens_at(origin_of(flight.request.url));
    }

    RetryingClient& client_;
    const RequestProducer& next_;
    const CompletionHandler& done_;
    std::map<std::size_t, Flight> flights_;
    std::deque<Waiting> waiting_;
    std::optional<Flight> held_;
    TimePoint asked_at_{};
    std::size_t last_tag_ = 0;
    bool exhausted_ = false;
};

void RetryingClient::send_many(const RequestProducer& next,
                               const CompletionHandler& done,
                               std::stop_token stop) {
    Batch batch(*this, next, done);
    inner_.send_many([&] { return batch.produce(); },
                     [&](Completion completion) { batch.settle(std::move(completion)); },
                     std::move(stop));
}

}  // namespace

std::unique_ptr<HttpClient> make_retrying_client(HttpClient& inner,
                                                 RetryLimits limits,
                                                 base::Clock& clock,
                                                 base::Random& random,
                                                 base::Log& log) {
    return std::make_unique<RetryingClient>(inner, limits, clock, random, log);
}

}  // namespace regtool::http
