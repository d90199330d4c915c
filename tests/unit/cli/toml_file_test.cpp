#include "cli/toml_file.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::cli;

TEST_CASE("TOML becomes the same tree in JSON") {
    const auto json = parse_toml(
        "b = 1\na = \"x\"\nlist = [1.5, true]\nday = 2024-01-02\n[t.\"h:1\"]\nk = false\n", "f");
    CHECK(json.dump() ==
          R"({"a":"x","b":1,"day":"2024-01-02","list":[1.5,true],"t":{"h:1":{"k":false}}})");
}

TEST_CASE("T-44 broken TOML is named with its line") {
    for (const std::string text : {"a = [\n", "a\n", "a = \"x", "[t\nb=1", "a=1\na=2\n"}) {
        CAPTURE(text);
        try {
            (void)parse_toml(text, "conf.toml");
            FAIL("taken");
        } catch (const base::UsageError& error) {
            CHECK(error.message().rfind("conf.toml", 0) == 0);
        }
    }
    CHECK_THROWS_AS(parse_toml("a = " + std::string(100'000, '['), "f"), base::UsageError);
    CHECK_THROWS_AS(read_toml_text("/nonexistent/file"), base::Error);
}
