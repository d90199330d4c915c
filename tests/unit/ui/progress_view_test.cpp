#include "regtool/ui/progress_view.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/text.hpp"
#include "regtool/ui/table.hpp"
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

namespace {

/// Two blobs to move, one mounted, three there already; each line of the last frame.
std::vector<std::string> last_frame(std::size_t columns) {
    const test::Captured captured;
    test::ManualClock clock;
    const auto view =
        make_progress_view(ProgressMode::bar, captured.fd(), {true, false, columns}, clock);
    view->planned({3, 60'000'000, 3, 5'000'000});
    const auto mounted = view->started("layer 111111111111", 20'000'000);
    const auto first = view->started("layer 222222222222", 30'000'000);
    (void)view->started("layer 333333333333", 10'000'000);
    view->finished(mounted, ops::TransferEnd::mounted);
    for (int i = 0; i < 10; ++i) {
        clock.advance(500ms);
        view->advanced(first, 1'000'000);
    }
    const std::string text = captured.text();
    const std::string frame = text.substr(text.rfind("\x1b[J") + 3);
    std::vector<std::string> lines;
    for (const std::string_view line : base::split(frame, '\n')) {
        if (!line.empty()) {
            CHECK(display_width(line) < columns);
            lines.emplace_back(line);
        }
    }
    return lines;
}

}  // namespace

TEST_CASE("a copy's bars: each transfer, the whole, what was spared; at any width") {
    const auto wide = last_frame(80);
    REQUIRE(wide.size() == 4);
    CHECK(wide[0].find("layer 222222222222") == 0);
    CHECK(wide[0].find("━") != std::string::npos);
    CHECK(wide[0].find("10.0 MB / 30.0 MB") != std::string::npos);
    CHECK(wide[0].find("2.0 MB/s") != std::string::npos);
    CHECK(wide[0].find("0:10 left") != std::string::npos);
    CHECK(wide[2].find("all, 1 of 3 done") == 0);
    CHECK(wide[2].find("10.0 MB / 40.0 MB") != std::string::npos);
    CHECK(wide[3] == "1 mounted (20.0 MB), 3 there already (5.0 MB)");
    const auto narrow = last_frame(40);
    REQUIRE(narrow.size() == 4);
    CHECK(narrow[0].find("33%") != std::string::npos);
    CHECK(narrow[0].find("2.0 MB/s") != std::string::npos);
    CHECK(last_frame(60).at(0).find("10.0 MB / 30.0 MB") != std::string::npos);
}

TEST_CASE("the plan and the whole in lines and events") {
    for (const ProgressMode mode : {ProgressMode::plain, ProgressMode::json}) {
        const test::Captured captured;
        test::ManualClock clock;
        const auto view = make_progress_view(mode, captured.fd(), {false, false, 80}, clock);
        view->planned({2, 60'000'000, 3, 5'000'000});
        const auto first = view->started("layer 1", 30'000'000);
        clock.advance(11s);
        view->advanced(first, 30'000'000);
        const std::string text = captured.text();
        if (mode == ProgressMode::plain) {
            CHECK(text.starts_with("to move: 2 blobs, 60.0 MB; there already: 3, 5.0 MB\n"));
            CHECK(text.find("all: 0 of 2, 30.0 MB of 60.0 MB, 50 %, 2.7 MB/s\n") !=
                  std::string::npos);
        } else {
            const auto event = nlohmann::json::parse(text.substr(0, text.find('\n')));
            CHECK(event["event"] == "planned");
            CHECK(event["skipped_items"] == 3);
        }
    }
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
