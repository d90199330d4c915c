#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include "support/catch.hpp"

using namespace regtool::cli;
using namespace std::chrono_literals;

namespace {

GlobalOptions parse(std::vector<std::string> words) {
    CLI::App app;
    GlobalOptions options;
    add_global_options(app, options, ReadEnvironment::no);
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
    return options;
}

}  // namespace

TEST_CASE("options of every command") {
    const GlobalOptions options =
        parse({"--timeout", "90s", "-vv", "--format", "ndjson", "--plain-http", "a", "--plain-http",
               "b", "-j", "3", "--limit-rate", "1.5M", "--retries", "0"});
    CHECK(options.timeout == std::chrono::milliseconds(90s));
    CHECK(options.verbosity == 2);
    CHECK(options.format == regtool::ui::Format::ndjson);
    CHECK(options.plain_http == std::vector<std::string>{"a", "b"});
    CHECK(options.jobs == 3);
    CHECK(options.limit_rate == 1'500'000);
    CHECK(options.retries == 0);
}

TEST_CASE("values that make no sense are refused") {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"--timeout", "soon"},
                                                  {"--user-agent", "a\nX: b"},
                                                  {"-j", "0"},
                                                  {"-j", "x"},
                                                  {"--limit-rate", "-1"},
                                                  {"--retries", "-1"},
                                                  {"--color", "maybe"},
                                                  {"--nonsense"}}) {
        CAPTURE(words[0]);
        CHECK_THROWS_AS(parse(words), CLI::ParseError);
    }
}

TEST_CASE("a command's own word of --format is taken by that command only") {
    bool chosen = false;
    for (const char* word : {"github", "yaml", "json"}) {
        GlobalOptions options = parse({"--format", word});
        options.command_formats["github"] = [&chosen] { chosen = true; };
        if (options.command_format == "yaml") {
            CHECK_THROWS_WITH(apply_command_format(options),
                              "--format: 'yaml' is none of json, ndjson, text, github");
        } else {
            apply_command_format(options);
        }
        CHECK(options.format == (std::string(word) == "json" ? regtool::ui::Format::json
                                                             : regtool::ui::Format::text));
    }
    CHECK(chosen);
}

TEST_CASE("rates") {
    CHECK(parse_rate("500k") == 500'000U);
    CHECK(parse_rate("2M") == 2'000'000U);
    CHECK(parse_rate("1234") == 1234U);
    for (const char* bad : {"", "k", "-1", "1x", "99999999999G"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rate(bad));
    }
}

TEST_CASE("T-12 each side of a command may have credentials of its own") {
    CLI::App app;
    GlobalOptions options;
    add_side_credentials(app, options);
    std::vector<std::string> words = {"b:2", "--dest-creds", "a:1", "--src-creds"};
    app.parse(std::move(words));
    CHECK(options.src_creds == "a:1");
    CHECK(options.dest_creds == "b:2");
    CHECK(options.creds_on_command_line);
    CHECK(options.creds.empty());
}
