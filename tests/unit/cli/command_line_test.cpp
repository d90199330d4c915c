#include "cli/command_line.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::cli;

namespace {

Session::Action parse(Session& session, std::vector<const char*> words) {
    words.insert(words.begin(), "regtool");
    return parse_command_line(session, static_cast<int>(words.size()), words.data());
}

std::string hint_of(const std::vector<const char*>& words) {
    Session session;
    try {
        (void)parse(session, words);
    } catch (const base::UsageError& error) {
        return error.hint();
    }
    return "nothing was wrong";
}

}  // namespace

TEST_CASE("words become options and something to do, and nothing is done") {
    Session session;
    // A file that is not there is found out when the command runs, not while its words are read.
    const Session::Action action = parse(
        session, {"--jobs", "3", "digest", "--config", "/nonexistent/file", "oci:/nonexistent"});
    CHECK(session.options.jobs == 3);
    CHECK(session.options.config == "/nonexistent/file");
    CHECK_THROWS_AS(action(), base::IoError);
}

TEST_CASE("a usage error leads to the help that is near") {
    CHECK(hint_of({"digset", "alpine"}) == "regtool digest");
    CHECK(hint_of({"blob", "gte"}) == "regtool help blob");
    CHECK(hint_of({"zzzzzzzz"}) == "regtool --help");
    CHECK(hint_of({"digest"}) == "regtool digest --help");
    CHECK(hint_of({"--jobs", "0", "digest", "alpine"}) == "regtool --help");
}

TEST_CASE("help wins over what is wrong with the rest, up to the end of options") {
    Session session;
    CHECK(parse(session, {"copy", "--nonsense", "--help"}));
    CHECK(parse(session, {"--help", "copy", "--nonsense"}));
    CHECK_THROWS_AS(parse(session, {"copy", "--nonsense", "--", "--help"}), base::UsageError);
}
