#include "regtool/registry/error_body.hpp"

#include "support/catch.hpp"
#include "support/fake_http.hpp"

using namespace regtool;
using namespace regtool::registry;

TEST_CASE("ERR-01 ERR-03 the error envelope") {
    const auto entries = parse_error_body(
        R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"m","detail":{"Tag":"x"}},{"code":"odd code"},{}]})");
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].code == "MANIFEST_UNKNOWN");
    CHECK(entries[0].detail == R"({"Tag":"x"})");
    CHECK(entries[1].code == "UNKNOWN");
}

TEST_CASE("ERR-02 bodies of any shape are no crash") {
    for (const char* body :
         {"", "<html>", "{", "{}", R"({"errors":null})", R"({"errors":{}})", R"({"error":"x"})",
          R"({"message":"x"})", R"({"errors":[1,null,[]]})", "[[]]"}) {
        CAPTURE(body);
        CHECK(parse_error_body(body).empty());
    }
}

TEST_CASE("ERR-04 long fields are cut") {
    const auto entries = parse_error_body(R"({"errors":[{"code":"X","message":")" +
                                          std::string(5000, 'm') + "\"}]}");
    CHECK(entries.at(0).message.size() <= 1024);
}

TEST_CASE("ERR-09 ERR-08 what an answer means") {
    struct Row {
        int status;
        const char* code;
        base::ErrorKind kind;
    };

    using Kind = base::ErrorKind;
    for (const Row& row :
         {Row{400, "NAME_INVALID", Kind::usage}, Row{400, "TAG_INVALID", Kind::usage},
          Row{400, "DIGEST_INVALID", Kind::integrity}, Row{400, "SIZE_INVALID", Kind::integrity},
          Row{400, "MANIFEST_INVALID", Kind::registry}, Row{401, "UNAUTHORIZED", Kind::access},
          Row{403, "DENIED", Kind::access}, Row{404, "MANIFEST_UNKNOWN", Kind::not_found},
          Row{404, "UNKNOWN", Kind::not_found}, Row{405, "UNSUPPORTED", Kind::registry},
          Row{409, "X", Kind::precondition}, Row{412, "X", Kind::precondition},
          Row{429, "TOOMANYREQUESTS", Kind::limited}, Row{500, "UNKNOWN", Kind::registry},
          Row{200, "UNKNOWN", Kind::registry}}) {
        CAPTURE(row.status, row.code);
        auto response = test::respond(
            row.status, {}, std::string(R"({"errors":[{"code":")") + row.code + R"("}]})");
        response.url = "https://h/v2/x?secret=1";
        try {
            throw_for_response(http::Method::put, response, "manifest x", "h/x");
        } catch (const base::Error& error) {
            CHECK(error.kind() == row.kind);
            CHECK(error.facts().http_status == row.status);
            CHECK(error.facts().code == row.code);
            CHECK(error.facts().url.find("secret") == std::string::npos);
        }
    }
}

TEST_CASE("ERR-08 a digest that is refused where nothing was sent is no harm to bytes") {
    auto response = test::respond(400, {}, R"({"errors":[{"code":"DIGEST_INVALID"}]})");
    response.url = "https://h/v2/x/manifests/v1";
    for (const auto method : {http::Method::get, http::Method::head, http::Method::del}) {
        CHECK_THROWS_AS(throw_for_response(method, response, "x", "h/x"), base::RegistryError);
    }
    CHECK_THROWS_AS(throw_for_response(http::Method::put, response, "x", "h/x"),
                    base::IntegrityError);
}

TEST_CASE("errors come with their own type and the mending command") {
    auto response = test::respond(404);
    response.url = "https://h/";
    CHECK_THROWS_AS(throw_for_response(http::Method::get, response, "x", "h/x"), base::NotFound);
    response.status = 401;
    try {
        throw_for_response(http::Method::get, response, "x", "h:5000/x");
    } catch (const base::AccessDenied& error) {
        CHECK(error.hint() == "regtool login h:5000");
    }
}
