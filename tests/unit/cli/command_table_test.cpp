#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.hpp"
#include "cli/completions.hpp"
#include "cli/dump.hpp"
#include "cli/help.hpp"
#include "cli/help_topics.hpp"
#include "cli/man_page.hpp"
#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::cli;

TEST_CASE("every command is whole: summary, examples that name it, a page, completions") {
    std::set<std::string_view> paths;
    const std::string bash = bash_completion();
    for (const CommandSpec* spec : commands()) {
        CAPTURE(std::string(spec->path));
        CHECK(paths.insert(spec->path).second);
        CHECK_FALSE(spec->summary.empty());
        CHECK_FALSE(spec->summary.ends_with('.'));
        CHECK_FALSE(spec->description.empty());
        CHECK(spec->examples.size() >= 2);
        CHECK(spec->examples.size() <= 4);
        bool named = false;
        for (const Example& example : spec->examples) {
            named = named || example.command.find("regtool " + std::string(spec->path)) !=
                                 std::string_view::npos;
        }
        CHECK(named);
        std::string page = "regtool-" + std::string(spec->path);
        std::replace(page.begin(), page.end(), ' ', '-');
        CHECK(man_page(page).find(".SH EXAMPLES") != std::string::npos);
        CHECK(bash.find(spec->path.substr(0, spec->path.find(' '))) != std::string::npos);
    }
}

TEST_CASE("words lead to commands, the longer path first") {
    std::size_t used = 0;
    CHECK(find_command({"manifest", "head", "x"}, used)->path == "manifest head");
    CHECK(used == 2);
    CHECK(find_command({"manifest", "x"}, used)->path == "manifest");
    CHECK(used == 1);
    CHECK(find_command({"ls-tags"}, used)->path == "tags");
    CHECK(find_command({"nonsense"}, used) == nullptr);
    CHECK(is_command_group("blob"));
    CHECK_FALSE(is_command_group("digest"));
}

TEST_CASE("the command line as JSON") {
    const auto json = nlohmann::json::parse(dump_cli());
    CHECK(json["commands"].size() == commands().size());
}

TEST_CASE("help topics and pages that are not there") {
    std::set<std::string_view> names;
    for (const Topic& topic : topics()) {
        names.insert(topic.name);
        CHECK_FALSE(topic.text.empty());
    }
    for (const char* name : {"exit-codes", "references", "authentication", "formatting",
                             "environment", "transports"}) {
        CAPTURE(name);
        CHECK(names.contains(name));
    }
    CHECK_THROWS_AS(man_page("regtool-nonsense"), base::UsageError);
}
