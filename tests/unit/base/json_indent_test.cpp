#include "regtool/base/json.hpp"
#include "support/catch.hpp"

using namespace regtool::base;

TEST_CASE("MED-20 indenting keeps every token's bytes and order") {
    CHECK(indent_json(R"({"b":1.0e+05,"a":["\u0041\/",{}],"e":[ ] ,"n":-0})") ==
          "{\n  \"b\": 1.0e+05,\n  \"a\": [\n    \"\\u0041\\/\",\n    {}\n  ],\n  \"e\": [],\n"
          "  \"n\": -0\n}");
}

TEST_CASE("text whose brackets do not match is left as it is") {
    for (const char* text : {"", "{", "}", "[}", "\"open", "nonsense"}) {
        CAPTURE(text);
        CHECK(indent_json(text) == text);
    }
}
