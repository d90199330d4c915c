#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "regtool/base/clock.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/log.hpp"
#include "regtool/http/client.hpp"

namespace regtool::http {

struct RetryLimits {
    int max_retries = 4;
    std::chrono::milliseconds base{500};
    std::chrono::milliseconds max_backoff{30'000};
    std::chrono::milliseconds max_asked{
        300'000};                               ///< a Retry-After beyond this fails at once (F-12)
    std::chrono::milliseconds budget{300'000};  ///< of waiting, for one operation
    /// Requests of the whole run, repeats included; one more throws an error of kind `limited`.
    /// 0: as many as it takes.
    std::uint64_t max_requests = 0;
};

/// What went wrong, reduced to what the decision needs.
struct Failure {
    int status = 0;  ///< 0: the transport failed
    bool transport_retryable = false;
    bool idempotent = true;
    /// A storage server behind a redirect refused a GET: the registry, asked again, may sign a
    /// fresh address (F-31).
    bool behind_redirect = false;
    std::optional<std::chrono::milliseconds> retry_after;
};

/// Pure: how long to wait before attempt number `attempt` + 1 (the first attempt is 0), or nullopt
/// to give up (full jitter, Retry-After as a minimum, budget).
[[nodiscard]] std::optional<std::chrono::milliseconds> next_wait(
    const RetryLimits& limits,
    int attempt,
    const Failure& failure,
    std::chrono::milliseconds waited_so_far,
    double random);

/// What an answer that is no success means for next_wait(), Retry-After included.
[[nodiscard]] Failure failure_of(const HttpResponse& response, const base::Clock& clock);

/// Whether a request may have been carried out though its answer, by a broken server or by a
/// gateway, or the want of one says otherwise. 503 refuses before anything is done.
[[nodiscard]] bool may_be_done(int status) noexcept;
[[nodiscard]] bool may_be_done(const base::TransportError& error) noexcept;

/// Retry-After in seconds or as an HTTP date; nullopt when absent or nonsense.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view value, std::int64_t now_unix_seconds);

/// Repeats what may be repeated, pauses all requests to a host that answered 429 or 503 with
/// Retry-After (RAT-06), and spares a host that fails again and again (T-55). download() is not
/// repeated once its receiver saw a head: resuming is the caller's job, because only it knows the
/// offset. After the last attempt the answer (429, 5xx) is returned as it is.
[[nodiscard]] std::unique_ptr<HttpClient> make_retrying_client(HttpClient& inner,
                                                               RetryLimits limits,
                                                               base::Clock& clock,
                                                               base::Random& random,
                                                               base::Log& log);

}  // namespace regtool::http
