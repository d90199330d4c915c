#include "regtool/http/retry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "regtool/base/text.hpp"

namespace regtool::http {

namespace {

using std::chrono::milliseconds;

/// Statuses that a repeat may heal.
bool is_retryable(int status) {
    constexpr std::array<int, 10> kStatuses = {408, 425, 429, 499, 500, 502, 503, 504, 522, 524};
    return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

/// Other 5xx once.
bool is_retryable_once(int status) {
    return status >= 500 && !is_retryable(status) && status != 501 && status != 505;
}

/// An address that ran out, or that the storage has forgotten.
bool is_expired_redirect(const Failure& failure, int attempt) {
    constexpr int kFreshRedirects = 3;
    constexpr std::array<int, 3> kStatuses = {400, 403, 410};
    return failure.behind_redirect && attempt < kFreshRedirects &&
           std::find(kStatuses.begin(), kStatuses.end(), failure.status) != kStatuses.end();
}

milliseconds scaled(milliseconds value, double factor) {
    return milliseconds(
        static_cast<milliseconds::rep>(static_cast<double>(value.count()) * factor));
}

}  // namespace

std::optional<milliseconds> next_wait(const RetryLimits& limits,
                                      int attempt,
                                      const Failure& failure,
                                      milliseconds waited_so_far,
                                      double random) {
    if (attempt >= limits.max_retries || !failure.idempotent) {
        return std::nullopt;
    }
    const bool worth_it = failure.status == 0
                              ? failure.transport_retryable
                              : is_retryable(failure.status) ||
                                    (is_retryable_once(failure.status) && attempt == 0) ||
                                    is_expired_redirect(failure, attempt);
    if (!worth_it) {
        return std::nullopt;
    }
    const double growth = std::ldexp(1.0, std::min(attempt, 16));
    milliseconds wait = scaled(std::min(scaled(limits.base, growth), limits.max_backoff), random);
    if (failure.retry_after) {
        if (*failure.retry_after > limits.max_asked) {
            return std::nullopt;
        }
        // What was asked is a minimum; up to a tenth more keeps many clients apart.
        wait = std::max(wait, *failure.retry_after + scaled(*failure.retry_after, random / 10.0));
    }
    if (waited_so_far + wait > limits.budget + limits.budget / 10) {
        return std::nullopt;
    }
    return wait;
}

Failure failure_of(const HttpResponse& response, const base::Clock& clock) {
    Failure failure;
    failure.status = response.status;
    if (const auto value = response.headers.get("Retry-After")) {
        failure.retry_after =
            parse_retry_after(*value, std::chrono::system_clock::to_time_t(clock.wall()));
    }
    return failure;
}

bool may_be_done(int status) noexcept {
    return status >= 500 && status != 501 && status != 503 && status != 505;
}

bool may_be_done(const base::TransportError& error) noexcept {
    return error.phase() == base::TransportPhase::send ||
           error.phase() == base::TransportPhase::receive;
}

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::int64_t now_unix_seconds) {
    const std::string_view text = base::trim(value);
    constexpr std::uint64_t kYearSeconds = 365ULL * 24 * 3600;
    const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        // More digits than fit mean "very long", not nonsense.
        const std::uint64_t seconds = base::parse_decimal(text).value_or(kYearSeconds);
        return std::chrono::seconds(std::min(seconds, kYearSeconds));
    }
    const auto date = base::parse_http_date(text);
    if (!date) {
        return std::nullopt;
    }
    return std::chrono::seconds(std::clamp<std::int64_t>(*date - now_unix_seconds, 0,
                                                         static_cast<std::int64_t>(kYearSeconds)));
}

}  // namespace regtool::http
