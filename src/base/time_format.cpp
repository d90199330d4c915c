#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

#include "regtool/base/clock.hpp"
#include "regtool/base/text.hpp"

namespace regtool::base {

namespace {

using Days = std::chrono::sys_days;

constexpr std::int64_t kSecondsPerDay = 86'400;

/// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) {
        return std::nullopt;
    }
    int value = 0;
    for (const char c : text.substr(0, count)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<std::int64_t> to_unix(
    int year, int month, int day, int hour, int minute, int second) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    // A leap second is written as 60.
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    const std::int64_t days = Days(date).time_since_epoch().count();
    return days * kSecondsPerDay + hour * 3600 + minute * 60 + second;
}

struct TimeOfDay {
    int hour = 0;
    int minute = 0;
    int second = 0;
};

std::optional<TimeOfDay> take_time(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minute = take_digits(text, 2);
    if (!minute || !take(text, ':')) {
        return std::nullopt;
    }
    const auto second = take_digits(text, 2);
    if (!second) {
        return std::nullopt;
    }
    return TimeOfDay{*hour, *minute, *second};
}

/// "Z" or "+01:00", in seconds.
std::optional<int> take_zone(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) {
        return 0;
    }
    const bool negative = !text.empty() && text.front() == '-';
    if (!negative && (text.empty() || text.front() != '+')) {
        return std::nullopt;
    }
    text.remove_prefix(1);
    const auto hours = take_digits(text, 2);
    if (!hours || !take(text, ':')) {
        return std::nullopt;
    }
    const auto minutes = take_digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59) {
        return std::nullopt;
    }
    const int seconds = *hours * 3600 + *minutes * 60;
    return negative ? -seconds : seconds;
}

std::optional<int> month_number(std::string_view name) {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (kMonths[i] == name) {
            return static_cast<int>(i) + 1;
        }
    }
    return std::nullopt;
}

/// "06 Nov 1994 08:49:37 GMT" with `separator` between the parts of the date and a year of 2 or 4
/// digits.
std::optional<std::int64_t> parse_dated(std::string_view text,
                                        char separator,
                                        std::size_t year_digits) {
    const auto day = take_digits(text, 2);
    if (!day || !take(text, separator) || text.size() < 3) {
        return std::nullopt;
    }
    const auto month = month_number(text.substr(0, 3));
    text.remove_prefix(3);
    if (!month || !take(text, separator)) {
        return std::nullopt;
    }
    auto year = take_digits(text, year_digits);
    if (!year || !take(text, ' ')) {
        return std::nullopt;
    }
    if (year_digits == 2) {
        // RFC 9110 §5.6.7: a year that looks more than 50 years ahead is in the past; 70 is the
        // usual hinge.
        *year += *year < 70 ? 2000 : 1900;
    }
    const auto time = take_time(text);
    if (!time || text != " GMT") {
        return std::nullopt;
    }
    return to_unix(*year, *month, *day, time->hour, time->minute, time->second);
}

/// "Nov  6 08:49:37 1994"
std::optional<std::int64_t> parse_asctime(std::string_view text) {
    if (text.size() < 4) {
        return std::nullopt;
    }
    const auto month = month_number(text.substr(0, 3));
    text.remove_prefix(4);
    const bool one_digit = take(text, ' ');
    const auto day = take_digits(text, one_digit ? 1 : 2);
    if (!month || !day || !take(text, ' ')) {
        return std::nullopt;
    }
    const auto time = take_time(text);
    if (!time || !take(text, ' ')) {
        return std::nullopt;
    }
    const auto year = take_digits(text, 4);
    if (!year || !text.empty()) {
        return std::nullopt;
    }
    return to_unix(*year, *month, *day, time->hour, time->minute, time->second);
}

std::optional<double> unit_milliseconds(std::string_view unit) {
    if (unit == "ms") {
        return 1;
    }
    if (unit == "s" || unit.empty()) {
        return 1000;
    }
    if (unit == "m") {
        return 60'000;
    }
    if (unit == "h") {
        return 3'600'000;
    }
    return std::nullopt;
}

}  // namespace

std::string format_rfc3339(std::int64_t unix_seconds) {
    std::int64_t days = unix_seconds / kSecondsPerDay;
    std::int64_t rest = unix_seconds % kSecondsPerDay;
    if (rest < 0) {
        rest += kSecondsPerDay;
        --days;
    }
    // chrono's years end at ±32767; a tar header can say more.
    constexpr std::int64_t kMostDays = 11'000'000;
    if (days > kMostDays || days < -kMostDays) {
        return std::to_string(unix_seconds);
    }
    const std::chrono::year_month_day date{Days{std::chrono::days{days}}};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       rest / 3600, rest / 60 % 60, rest % 60);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) {
        return std::nullopt;
    }
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) {
        return std::nullopt;
    }
    const auto day = take_digits(text, 2);
    if (!day || (!take(text, 'T') && !take(text, 't'))) {
        return std::nullopt;
    }
    const auto time = take_time(text);
    if (!time) {
        return std::nullopt;
    }
    if (take(text, '.')) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 0) {
            return std::nullopt;
        }
        text.remove_prefix(digits);
    }
    const auto zone = take_zone(text);
    const auto seconds = to_unix(*year, *month, *day, time->hour, time->minute, time->second);
    if (!zone || !seconds || !text.empty()) {
        return std::nullopt;
    }
    return *seconds - *zone;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
    text = trim(text);
    const std::size_t comma = text.find(", ");
    if (comma == std::string_view::npos) {
        const std::size_t blank = text.find(' ');
        return blank == 3 ? parse_asctime(text.substr(4)) : std::nullopt;
    }
    const std::string_view date = text.substr(comma + 2);
    return comma == 3 ? parse_dated(date, ' ', 4) : parse_dated(date, '-', 2);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                   std::chars_format::fixed);
        if (error != std::errc{} || number < 0 || !std::isfinite(number)) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        const std::size_t unit_size = std::min(text.find_first_not_of("hms"), text.size());
        const auto factor = unit_milliseconds(text.substr(0, unit_size));
        if (!factor || (unit_size == 0 && !text.empty())) {
            return std::nullopt;
        }
        total += number * *factor;
        text.remove_prefix(unit_size);
    }
    constexpr double kLongest = 1e13;  // 300 years: everything above is a typing error
    if (total > kLongest) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(total)));
}

}  // namespace regtool::base
