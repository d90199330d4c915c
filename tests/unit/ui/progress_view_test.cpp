#include "regtool/ui/progress_view.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/manual_clock.hpp"
#include "ui/progress_views.hpp"
#include "unit/ui/captured.hpp"

using namespace regtool;
using namespace regtool::ui;
using namespace std::chrono_literals;

namespace {

/// Ten steps of a tenth of a megabyte each.
std::string transfer(ProgressMode mode, std::chrono::milliseconds step, bool is_terminal = false) {
    const test::Captured captured;
    test::ManualClock clock;
    {
        const auto view = make_progress_view(mode, captured.fd(), {is_terminal, false, 100}, clock);
        const auto id = view->started("layer \x1b[31m", 1'000'000);
        for (int i = 0; i < 10; ++i) {
            clock.advance(step);
            view->advanced(id, 100'000);
        }
        view->finished(id, ops::TransferEnd::done);
    }
    return captured.text();
}

}  // namespace

TEST_CASE("bars appear for long work only and are taken away") {
    CHECK(transfer(ProgressMode::bar, 1ms, true).empty());
    const std::string text = transfer(ProgressMode::bar, 200ms, true);
    CHECK(text.find("1.0 MB") != std::string::npos);
    CHECK(text.find("left") != std::string::npos);
    CHECK(text.find("\x1b[31m") == std::string::npos);
    CHECK(text.ends_with("\x1b[J"));
}

TEST_CASE("plain lines, at the end and every ten seconds") {
    CHECK(transfer(ProgressMode::plain, 1ms) == "layer \\x1b[31m: done, 1.0 MB\n");
    const std::string slow = transfer(ProgressMode::plain, 6s);
    CHECK(base::split(slow, '\n').size() > 4);
    CHECK(slow.find(" %") != std::string::npos);
    CHECK(transfer(ProgressMode::automatic, 1ms).empty());
    CHECK_FALSE(transfer(ProgressMode::automatic, 6s).empty());
}

TEST_CASE("events as JSON lines") {
    const std::string text = transfer(ProgressMode::json, 2s);
    std::vector<std::string> events;
    for (const std::string_view line : base::split(text, '\n')) {
        if (!line.empty()) {
            events.push_back(nlohmann::json::parse(line)["event"]);
        }
    }
    REQUIRE(events.size() > 3);
    CHECK(events.front() == "started");
    CHECK(events[1] == "advanced");
    CHECK(events.back() == "finished");
}

TEST_CASE("no progress is none") {
    CHECK(transfer(ProgressMode::none, 6s, true).empty());
}

TEST_CASE("times and speeds for people") {
    CHECK(time_text(5s) == "0:05");
    CHECK(time_text(3723s) == "1:02:03");
    CHECK(speed_text(2'000'000, 2s) == "1.0 MB/s");
    CHECK(speed_text(1, 1ms).empty());
}
