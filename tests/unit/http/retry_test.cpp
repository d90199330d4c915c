#include "regtool/http/retry.hpp"

#include "support/catch.hpp"

using namespace regtool::http;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

Failure status(int code) {
    Failure failure;
    failure.status = code;
    return failure;
}

}  // namespace

TEST_CASE("RAT-03 F-14 which statuses are worth another try") {
    struct Row {
        int status;
        int times;
    };

    for (const Row& row :
         {Row{400, 0}, Row{401, 0}, Row{403, 0}, Row{404, 0}, Row{405, 0}, Row{408, 4},
          Row{409, 0}, Row{412, 0}, Row{413, 0}, Row{416, 0}, Row{425, 4}, Row{429, 4},
          Row{499, 4}, Row{500, 4}, Row{501, 0}, Row{502, 4}, Row{503, 4}, Row{504, 4},
          Row{522, 4}, Row{524, 4}, Row{507, 1}}) {
        CAPTURE(row.status);
        int times = 0;
        while (next_wait({}, times, status(row.status), 0ms, 0.5)) {
            ++times;
        }
        CHECK(times == row.times);
    }
}

TEST_CASE("F-06 transport failures are repeated when they may heal") {
    Failure failure;
    failure.transport_retryable = true;
    CHECK(next_wait({}, 0, failure, 0ms, 0.5));
    failure.idempotent = false;
    CHECK_FALSE(next_wait({}, 0, failure, 0ms, 0.5));
    failure = {};
    CHECK_FALSE(next_wait({}, 0, failure, 0ms, 0.5));
}

TEST_CASE("T-55 back-off grows with full jitter and is bounded") {
    for (int attempt = 0; attempt < 4; ++attempt) {
        CHECK(next_wait({}, attempt, status(503), 0ms, 0.0) == 0ms);
        CHECK(next_wait({}, attempt, status(503), 0ms, 0.5) == milliseconds(250 << attempt));
    }
    RetryLimits many;
    many.max_retries = 40;
    CHECK(*next_wait(many, 39, status(503), 0ms, 0.999) <= 30s);
}

TEST_CASE("F-31 a storage that refuses is left for a fresh redirect, three times") {
    for (const int code : {400, 403, 410}) {
        CAPTURE(code);
        Failure failure = status(code);
        failure.behind_redirect = true;
        int times = 0;
        while (next_wait({}, times, failure, 0ms, 0.5)) {
            ++times;
        }
        CHECK(times == 3);
    }
    Failure gone = status(404);
    gone.behind_redirect = true;
    CHECK_FALSE(next_wait({}, 0, gone, 0ms, 0.5));
}

TEST_CASE("F-12 Retry-After is a minimum, and too long is given up at once") {
    Failure failure = status(429);
    failure.retry_after = 10s;
    CHECK(next_wait({}, 0, failure, 0ms, 0.0) == 10s);
    CHECK(*next_wait({}, 0, failure, 0ms, 0.99) > 10s);
    CHECK(*next_wait({}, 0, failure, 0ms, 0.99) <= 11s);
    failure.retry_after = 300s;
    CHECK(next_wait({}, 0, failure, 0ms, 0.0));
    failure.retry_after = 301s;
    CHECK_FALSE(next_wait({}, 0, failure, 0ms, 0.0));
}

TEST_CASE("F-12 the waiting of one operation has a budget") {
    Failure failure = status(429);
    failure.retry_after = 200s;
    CHECK(next_wait({}, 0, failure, 0ms, 0.0));
    CHECK_FALSE(next_wait({}, 1, failure, 200s, 0.0));
}

TEST_CASE("RAT-03 Retry-After in both forms") {
    CHECK(parse_retry_after("120", 0) == 120s);
    CHECK(parse_retry_after(" 0 ", 0) == 0s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 - 60) == 60s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 60) == 0s);
    for (const char* nonsense : {"", "soon", "-5", "1.5", "1 s"}) {
        CAPTURE(nonsense);
        CHECK_FALSE(parse_retry_after(nonsense, 0));
    }
    // T-51: too many digits are a very long time.
    CHECK(*parse_retry_after("99999999999999999999", 0) > 1h);
}
