#include "regtool/auth/challenge.hpp"

#include "support/catch.hpp"

using namespace regtool::auth;

TEST_CASE("ATH-01 commas inside quotes are kept") {
    const auto challenges = parse_challenges(
        R"(Bearer realm="https://a/token",service="r",scope="repository:x:pull,push")");
    REQUIRE(challenges.size() == 1);
    CHECK(challenges[0].scheme == "bearer");
    CHECK(challenges[0].parameters.at("realm") == "https://a/token");
    CHECK(challenges[0].parameters.at("scope") == "repository:x:pull,push");
}

TEST_CASE("ATH-02 ATH-03 several challenges in one line") {
    const auto challenges =
        parse_challenges(R"(Basic realm="x", Bearer realm="https://a/t",service="s", Negotiate)");
    REQUIRE(challenges.size() == 3);
    CHECK(challenges[0].scheme == "basic");
    CHECK(challenges[1].parameters.at("service") == "s");
    CHECK(challenges[2].scheme == "negotiate");
}

TEST_CASE("ATH-04 liberal forms") {
    const auto challenges = parse_challenges(R"(, ,BEARER  Realm = "x" , Service=abc,)");
    REQUIRE(challenges.size() == 1);
    CHECK(challenges[0].parameters.at("realm") == "x");
    CHECK(challenges[0].parameters.at("service") == "abc");
    const auto mixed = parse_challenges(R"(Negotiate YII=, Bearer realm="https://a")");
    REQUIRE(mixed.size() == 2);
    CHECK(mixed[0].token68 == "YII=");
    CHECK(mixed[1].parameters.at("realm") == "https://a");
}

TEST_CASE("ATH-05 escapes, and challenges that are left out") {
    CHECK(parse_challenges(R"(Bearer realm="a\"b\\c")").at(0).parameters.at("realm") == R"(a"b\c)");
    for (const std::string& bad :
         {std::string(R"(Bearer realm="open)"), std::string("Bearer realm=\"a\x01\""),
          std::string(R"(Bearer realm="a",realm="b")"), std::string(), std::string(",,,"),
          "Bearer realm=\"" + std::string(17'000, 'x') + "\""}) {
        CAPTURE(bad.substr(0, 40));
        CHECK(parse_challenges(bad).empty());
    }
}

TEST_CASE("T-53 hostile headers take linear time") {
    CHECK_NOTHROW(parse_challenges(std::string(16'000, '=')));
    CHECK_NOTHROW(parse_challenges(std::string(16'000, '"')));
    CHECK_NOTHROW(parse_challenges(std::string(16'000, '\\')));
    std::string many;
    for (int i = 0; i < 4000; ++i) {
        many += "a b,";
    }
    CHECK_NOTHROW(parse_challenges(many));
}
