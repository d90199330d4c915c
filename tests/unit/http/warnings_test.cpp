#include "regtool/http/warnings.hpp"

#include "support/catch.hpp"
#include "support/fake_http.hpp"

using namespace regtool;
using namespace regtool::http;

namespace {

using Texts = std::vector<std::string>;

Texts texts(std::vector<std::string> values) {
    Headers headers;
    for (std::string& value : values) {
        headers.add("Warning", std::move(value));
    }
    return warnings_of(headers);
}

class Memory final : public base::Log {
  public:
    void warn(std::string_view message) noexcept override { said.emplace_back(message); }

    void info(std::string_view) noexcept override {}

    void trace(std::string_view) noexcept override {}

    [[nodiscard]] bool tracing() const noexcept override { return false; }

    Texts said;
};

}  // namespace

TEST_CASE("WRN-01 one header or many, one value or many") {
    CHECK(texts({R"(299 - "this repository moves on Monday")"}) ==
          Texts{"this repository moves on Monday"});
    CHECK(texts({R"(299 - "a", 299 - "b, c" ,299 - "d")", R"(299 - "e")"}) ==
          Texts{"a", "b, c", "d", "e"});
}

TEST_CASE("WRN-02 what is meant for caches is left out") {
    CHECK(texts({R"(110 - "stale")", R"(299 cache.test "x")", R"(299  - "x")", "299 - bare", "",
                 R"(299 - "x" "Wed, 21 Oct 2015 07:28:00 GMT")", R"(299 - "")"})
              .empty());
    CHECK(texts({R"(110 - "stale", 299 - "x" "Wed, 21 Oct 2015 07:28:00 GMT", 299 - "told")"}) ==
          Texts{"told"});
}

TEST_CASE("WRN-03 quoted pairs, and strings without an end") {
    CHECK(texts({R"(299 - "say \"no\" to C:\\")"}) == Texts{R"(say "no" to C:\)"});
    CHECK(texts({R"(299 - "no end)", R"(299 - "no end\)", R"(299 - "no end\")"}).empty());
}

TEST_CASE("WRN-04 no more than 4096 bytes of an answer") {
    const std::string half = "299 - \"" + std::string(2048, 'x') + '"';
    CHECK(texts({half, half, half}).size() == 2);
}

TEST_CASE("WRN-01 WRN-03 WRN-04 each text is shown once, safe for a terminal, with its host") {
    Memory log;
    test::FakeHttp fake([](const HttpRequest& request) {
        HttpResponse response =
            test::respond(200, {{"Warning", "299 - \"red \x1b[31m\""}, {"Warning", "299 - \"b\""}});
        response.url = request.url;
        return response;
    });
    const auto client = make_warning_client(fake, log);
    HttpRequest request;
    request.url = "https://reg.test/v2/";
    CHECK(client->send(request, {}).status == 200);
    CHECK(client->send(request, {}).status == 200);
    CHECK(log.said ==
          Texts{"registry warning (reg.test): red \\x1b[31m", "registry warning (reg.test): b"});
}
