#include "regtool/ui/messages.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "unit/ui/captured.hpp"

using namespace regtool;
using namespace regtool::ui;

namespace {

base::Error sample() {
    base::NotFound error("manifest x: not found");
    error.add_context("GET https://h/: 404 MANIFEST_UNKNOWN").set_hint("regtool tags x");
    error.facts().http_status = 404;
    error.facts().code = "MANIFEST_UNKNOWN";
    error.facts().reference = "h/x:t";
    error.facts().registry_errors = {{"MANIFEST_UNKNOWN", "words \x1b[31m", ""}};
    return error;
}

}  // namespace

TEST_CASE("ERR-06 an error in text") {
    CHECK(render_error_text(sample(), {}) ==
          "error: manifest x: not found\n"
          "  GET https://h/: 404 MANIFEST_UNKNOWN\n"
          "  the registry says: MANIFEST_UNKNOWN: words \\x1b[31m\n"
          "hint: regtool tags x\n");
}

TEST_CASE("ERR-07 an error in JSON") {
    const std::string text = render_error_json(sample());
    CHECK(text.find('\x1b') == std::string::npos);
    const auto json = nlohmann::json::parse(text);
    CHECK(json["kind"] == "not_found");
    CHECK(json["code"] == "MANIFEST_UNKNOWN");
    CHECK(json["http_status"] == 404);
    CHECK(json["reference"] == "h/x:t");
    CHECK(json["message"] == "manifest x: not found");
    CHECK(json["hint"] == "regtool tags x");
    CHECK(json["exit_code"] == 1);
    CHECK(nlohmann::json::parse(render_error_json(base::UsageError("x")))["http_status"].is_null());
}

TEST_CASE("what is said, and when") {
    const auto said = [](bool quiet, int verbosity, bool trace) {
        const test::Captured captured;
        const auto log = make_message_log(captured.fd(), {quiet, verbosity, trace, {}}, nullptr);
        log->warn("w\n");
        log->info("i");
        log->trace("t");
        return captured.text();
    };
    CHECK(said(false, 0, false) == "warning: w\\n\n");
    CHECK(said(false, 1, false) == "warning: w\\n\ninfo: i\n");
    CHECK(said(true, 1, false).empty());
    CHECK(said(false, 0, true) == "warning: w\\n\nt\n");
}
