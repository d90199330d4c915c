#include "regtool/base/json.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool::base;

namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("T-24 documents that are refused") {
    const std::string rows[] = {
        "",
        "{",
        "{}{}",
        "{} x",
        R"({"a":1,"a":2})",
        R"({"a":{"b":1,"b":1}})",
        "\xef\xbb\xbf{}",
        "\"\xff\"",
        "{'a':1}",
        "[1,]",
        "// comment\n{}",
        "NaN",
        nested(kMaxJsonDepth + 1),
        nested(1'000'000),
        std::string(1'000'000, '['),
    };
    for (const std::string& text : rows) {
        CAPTURE(text.substr(0, 40));
        CHECK_THROWS_AS(parse_json(text, "test"), InvalidDocument);
    }
}

TEST_CASE("T-24 the depth limit is where it is said to be") {
    CHECK(parse_json(nested(kMaxJsonDepth), "test").is_array());
}

TEST_CASE("T-24 the element limit holds") {
    std::string many = "[0";
    for (std::size_t i = 0; i < kMaxJsonElements; ++i) {
        many += ",0";
    }
    CHECK_THROWS_AS(parse_json(many + "]", "test"), InvalidDocument);
}

TEST_CASE("member order and values survive") {
    const auto json = parse_json(R"( {"z":1,"a":"\u00e9\n","m":[true,null,-1.5]} )", "test");
    CHECK(json.begin().key() == "z");
    CHECK(json["a"] == "\xc3\xa9\n");
    CHECK(json["m"].size() == 3);
}

TEST_CASE("an error names the document") {
    try {
        (void)parse_json("{\"a\" 1}", "the manifest");
        FAIL("nothing was thrown");
    } catch (const InvalidDocument& error) {
        CHECK(error.message().find("the manifest") != std::string::npos);
    }
}
