#include "support/catch.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::break_it;
using test::chunk_only;
using test::kLarge;
using test::kSmall;
using test::on_nth;
using test::respond;
using test::UploadLab;

TEST_CASE("UPL-05 every request goes to the newest Location") {
    UploadLab lab;
    chunk_only(lab);
    lab.registry.newest_location_only = true;
    // Also that of an answer to the question for the session's state.
    lab.registry.before = on_nth(Method::patch, 3, break_it);
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.count(Method::post) == 1);
    CHECK(lab.count(Method::get) == 1);
}

TEST_CASE(
    "UPL-20 T-10 data may go to another host, credentials never, and not from https to http") {
    UploadLab lab;
    lab.registry.location_prefix = "https://storage.test/v2/r/blobs/uploads/";
    lab.put(kSmall);
    CHECK(lab.has(kSmall));
    CHECK(lab.lab.fake.requests().at(1).url.starts_with("https://storage.test/"));
    CHECK(lab.lab.fake.requests().at(1).scopes.empty());

    for (const std::string bad :
         {"http://h.test/v2/r/blobs/uploads/", "http://169.254.169.254/", "ftp://h.test/",
          "https://user:pw@h.test/", "https://h\\.test/"}) {
        CAPTURE(bad);
        UploadLab other;
        other.registry.location_prefix = bad;
        CHECK_THROWS_AS(other.put(kSmall), base::RegistryError);
        CHECK(other.methods() == "POST");
    }
}

TEST_CASE("UPL-20 a foreign place that wants credentials is named in the error") {
    UploadLab lab;
    lab.registry.location_prefix = "https://h.test:444/v2/r/blobs/uploads/";
    lab.registry.before =
        on_nth(Method::put, 1, [](const HttpRequest&) { return std::optional(respond(401)); });
    CHECK_THROWS_WITH(lab.put(kSmall), Catch::Contains("https://h.test:444"));
    CHECK(lab.lab.fake.requests().back().scopes.empty());
}

TEST_CASE("UPL-02 a POST without a Location is no session") {
    UploadLab lab;
    lab.registry.before =
        on_nth(Method::post, 1, [](const HttpRequest&) { return std::optional(respond(202)); });
    CHECK_THROWS_AS(lab.put(kSmall), base::RegistryError);
}
