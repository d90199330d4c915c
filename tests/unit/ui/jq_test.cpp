#include "regtool/ui/jq.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using ui::JqFilter;

namespace {

std::string run(const std::string& expression, std::string_view json, bool indented = false) {
    std::string all;
    JqFilter(expression).run(json, indented, [&](std::string_view result) {
        all += std::string(result) + "|";
    });
    return all;
}

}  // namespace

TEST_CASE("results come out as jq -r prints them") {
    CHECK(run(".a", R"({"a":"text"})") == "text|");
    CHECK(run(".[]", R"([1,"b",null])") == "1|b|null|");
    CHECK(run(".", R"({"a":[1]})") == R"({"a":[1]}|)");
    CHECK(run(".", R"({"a":1})", true) == "{\n  \"a\": 1\n}|");
    CHECK(run("empty", "1").empty());
}

TEST_CASE("a filter that halts, asks for more or names modules fails as any other") {
    CHECK_THROWS_WITH(run("\"why\" | halt_error", "1"), "--jq failed: why");
    CHECK_THROWS_AS(run("{} | halt_error(7)", "1"), base::InvalidDocument);
    CHECK(run("1, halt, 2", "0") == "1|");
    for (const char* json : {"1", "[1,2]"}) {
        CHECK_THROWS_AS(run("input", json), base::InvalidDocument);
        CHECK(run("inputs", json).empty());
        CHECK(run("input_filename", json) == "null|");
    }
    CHECK_THROWS_AS(run("import \"a\" as a; .", "1"), base::UsageError);
    CHECK_THROWS_AS(run("include \"a\"; .", "1"), base::UsageError);
    CHECK(run("debug", "[1]") == "[1]|");
}

TEST_CASE("one program, many inputs") {
    JqFilter filter(".x");
    for (int i = 0; i < 100; ++i) {
        filter.run("{\"x\":" + std::to_string(i) + "}", false,
                   [&](std::string_view result) { CHECK(result == std::to_string(i)); });
    }
}

TEST_CASE("what is wrong is said by its kind") {
    CHECK_THROWS_AS(JqFilter(".["), base::UsageError);
    CHECK_THROWS_AS(run(".a", "[1]"), base::InvalidDocument);
    CHECK_THROWS_AS(run(".", "{"), base::InvalidDocument);
    CHECK_THROWS_AS(run("error(\"mine\")", "1"), base::InvalidDocument);
}
