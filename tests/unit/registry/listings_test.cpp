#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using test::RegistryLab;
using test::respond;

namespace {

const model::Repository kRepository = model::Repository::parse("reg.test/r");

std::vector<std::string> tags(RegistryLab& lab, registry::TagsOptions options = {}) {
    std::vector<std::string> all;
    lab.client.tags(kRepository, options,
                    [&](std::vector<std::string> page) {
                        all.insert(all.end(), page.begin(), page.end());
                        return true;
                    },
                    {});
    return all;
}

http::HttpResponse page(const std::string& list, const std::string& link = "") {
    auto response = respond(200, {}, "{\"tags\":" + list + "}");
    if (!link.empty()) {
        response.headers.add("Link", "<" + link + ">; rel=\"next\"");
    }
    return response;
}

}  // namespace

TEST_CASE("LST-01 LST-03 LST-09 pages are walked in the registry's order") {
    RegistryLab lab([](const HttpRequest& request) {
        return request.url.find("last=") == std::string::npos
                   ? page(R"(["b","a"])", "/v2/r/tags/list?last=a&n=2")
                   : page(R"(["c"])");
    });
    CHECK(tags(lab) == std::vector<std::string>{"b", "a", "c"});
    CHECK(lab.fake.requests().at(0).url == "https://reg.test/v2/r/tags/list");
    CHECK(lab.fake.requests().at(1).url == "https://reg.test/v2/r/tags/list?last=a&n=2");
}

TEST_CASE("LST-01 LST-08 empty lists and odd entries") {
    for (const char* list : {"null", "[]"}) {
        RegistryLab lab([&](const HttpRequest&) { return page(list); });
        CHECK(tags(lab).empty());
    }
    RegistryLab lab([](const HttpRequest&) { return page(R"(["ok",null,1,"a b","\u001b[31m"])"); });
    CHECK(tags(lab) == std::vector<std::string>{"ok"});
}

TEST_CASE("LST-04 T-11 a next page elsewhere is refused without a request") {
    for (const char* link :
         {"https://evil.test/x", "//evil.test/x", "http://reg.test/x", "https://reg.test:444/x",
          "https://u@reg.test/x", "HTTPS://EVIL.test/x"}) {
        CAPTURE(link);
        RegistryLab lab([&](const HttpRequest&) { return page(R"(["a"])", link); });
        CHECK_THROWS_AS(tags(lab), base::RegistryError);
        CHECK(lab.fake.requests().size() == 1);
    }
}

TEST_CASE("LST-05 T-26 lists that never end do") {
    RegistryLab same([](const HttpRequest&) { return page(R"(["a"])", "/v2/r/tags/list?x"); });
    CHECK_THROWS_AS(tags(same), base::RegistryError);
    int n = 0;
    RegistryLab empty([&](const HttpRequest&) { return page("[]", "/x?" + std::to_string(++n)); });
    CHECK_THROWS_AS(tags(empty), base::RegistryError);
    CHECK(n < 10);
}

TEST_CASE("LST-06 LST-07 what is asked for") {
    RegistryLab lab([](const HttpRequest&) { return page("[]"); });
    (void)tags(lab, {5000, "a b"});
    CHECK(lab.fake.requests().at(0).url.ends_with("?n=1000&last=a%20b"));
}

TEST_CASE("LST-12 LST-14 what is not there") {
    RegistryLab lab([](const HttpRequest&) { return respond(404); });
    CHECK_THROWS_AS(tags(lab), base::NotFound);
    CHECK_THROWS_AS(lab.client.catalog(model::RegistryHost::parse("reg.test"), {},
                                       [](const std::vector<std::string>&) { return true; }, {}),
                    base::RegistryError);
}

TEST_CASE("LST-12 a catalog that is denied is a matter of access") {
    for (const int status : {401, 403}) {
        RegistryLab lab([&](const HttpRequest&) { return respond(status); });
        CHECK_THROWS_AS(
            lab.client.catalog(model::RegistryHost::parse("reg.test"), {},
                               [](const std::vector<std::string>&) { return true; }, {}),
            base::AccessDenied);
    }
}

TEST_CASE("T-24 pages that are no list") {
    for (const char* body : {"", "[]", "<html>", R"({"errors":[{"code":"DENIED"}]})"}) {
        CAPTURE(body);
        RegistryLab lab([&](const HttpRequest&) { return respond(200, {}, body); });
        CHECK_THROWS_AS(tags(lab), base::Error);
    }
}

TEST_CASE("ATH-25 a listing of repositories asks tokens for the catalog") {
    RegistryLab lab([](const HttpRequest&) { return respond(200, {}, R"({"repositories":[]})"); });
    lab.client.catalog(model::RegistryHost::parse("h.test"), {},
                       [](const std::vector<std::string>&) { return true; }, {});
    CHECK(lab.fake.requests().at(0).scopes == std::vector<std::string>{"registry:catalog:*"});
}
