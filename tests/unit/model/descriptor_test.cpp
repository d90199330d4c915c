#include "regtool/model/descriptor.hpp"

#include <nlohmann/json.hpp>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::parse_descriptor;
using Json = nlohmann::ordered_json;

namespace {

Json valid() {
    return {{"mediaType", "application/x"},
            {"digest", model::Digest::sha256_of("content").str()},
            {"size", 7U}};
}

Json with(const char* key, Json value) {
    Json json = valid();
    json[key] = std::move(value);
    return json;
}

}  // namespace

TEST_CASE("DIG-06 a size is a whole number of bytes") {
    CHECK(parse_descriptor(valid(), "layers[0]").size == 7);
    for (const Json& size : {Json(-1), Json(1.5), Json("7"), Json(nullptr), Json(1e300),
                             Json(9223372036854775808ULL)}) {
        CAPTURE(size.dump());
        CHECK_THROWS_AS(parse_descriptor(with("size", size), "x"), base::InvalidDocument);
    }
    Json without = valid();
    without.erase("size");
    CHECK_THROWS_AS(parse_descriptor(without, "x"), base::InvalidDocument);
}

TEST_CASE("T-04 a digest is valid before anything is built from it") {
    for (const char* digest : {"", "sha256:../../x", "sha256:%2e%2e", "sha256:aa", "x"}) {
        CAPTURE(digest);
        CHECK_THROWS_AS(parse_descriptor(with("digest", digest), "x"), base::InvalidDocument);
    }
}

TEST_CASE("DIG-10 embedded data is taken only when it is the content") {
    const auto good = parse_descriptor(with("data", base::base64_encode("content")), "x");
    CHECK(good.data == "content");
    for (const std::string& data :
         {base::base64_encode("contenT"), base::base64_encode("conten"), std::string("!")}) {
        CHECK_THROWS_AS(parse_descriptor(with("data", data), "x"), base::Error);
    }
}

TEST_CASE("DIG-12 of the urls only those that http leads to are kept") {
    const Json urls{"https://a.test/x", "ftp://a.test/x", "file:///etc/passwd", "http://b.test/y",
                    "x"};
    CHECK(parse_descriptor(with("urls", urls), "x").urls ==
          std::vector<std::string>{"https://a.test/x", "http://b.test/y"});
}

TEST_CASE("DIG-13 MED-19 equality and unknown fields") {
    const auto one = parse_descriptor(with("future", Json::array()), "x");
    const auto two = parse_descriptor(with("annotations", {{"a", "b"}}), "x");
    CHECK(one.same_content(two));
    CHECK_FALSE(one.same_content(parse_descriptor(with("size", 8U), "x")));
}

TEST_CASE("an error names the place") {
    try {
        (void)parse_descriptor(with("size", -1), "layers[3]");
        FAIL("nothing was thrown");
    } catch (const base::InvalidDocument& error) {
        CHECK(error.message().find("layers[3]") != std::string::npos);
    }
}
