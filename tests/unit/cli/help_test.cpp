#include "cli/help.hpp"

#include "cli/command.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::cli;

TEST_CASE("help is at most 80 columns wide and ends with examples") {
    for (const CommandSpec* spec : commands()) {
        const std::string help = render_help(describe(*spec));
        CAPTURE(std::string(spec->path));
        CHECK(help.find("Examples:") != std::string::npos);
        CHECK(help.find("--format") != std::string::npos);
        for (const std::string_view line : base::split(help, '\n')) {
            const bool example = line.starts_with("  regtool ") || line.starts_with("  #");
            CHECK((example || line.size() <= 80));
        }
    }
}

TEST_CASE("wrapping keeps words and indented lines") {
    CHECK(wrap("one two three", 2, 9) == "  one two\n  three\n");
    CHECK(wrap(" kept   as it is", 0, 8).find("kept   as it is") != std::string::npos);
}

TEST_CASE("edit distance") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("manifets", "manifest") == 2);
    CHECK(edit_distance("same", "same") == 0);
}
