#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace regtool::base {

/// Time and sleep, replaceable in tests. Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual std::chrono::steady_clock::time_point monotonic() const = 0;
    [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
    /// Returns early, with false, when the token is stopped.
    [[nodiscard]] virtual bool sleep_for(std::chrono::milliseconds duration,
                                         const std::stop_token& stop) = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const override;
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override;
    [[nodiscard]] bool sleep_for(std::chrono::milliseconds duration,
                                 const std::stop_token& stop) override;
};

/// Uniform random numbers for jitter, replaceable in tests. Thread-safe.
class Random {
  public:
    virtual ~Random() = default;
    /// In [0, 1).
    [[nodiscard]] virtual double uniform() = 0;
};

class SystemRandom final : public Random {
  public:
    [[nodiscard]] double uniform() override;
};

/// "2024-05-01T12:00:00Z" from seconds since the epoch.
[[nodiscard]] std::string format_rfc3339(std::int64_t unix_seconds);
/// RFC 3339 to seconds since the epoch (fractions cut); nullopt when malformed.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text);
/// IMF-fixdate, RFC 850 or asctime form (RFC 9110 §5.6.7) to seconds since the epoch.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text);
/// "10s", "500ms", "2m", "1h30m", or a bare number of seconds. nullopt when malformed or negative.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace regtool::base
