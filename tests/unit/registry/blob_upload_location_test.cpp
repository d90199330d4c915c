#include "support/catch.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::break_it;
using test::broken;
using test::chunk_only;
using test::on_nth;
using test::respond;
using test::UploadLab;

namespace {

const std::string kLarge(3U << 20, 'x');

}  // namespace

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

TEST_CASE("UPL-10 a Range of 0-0 that may be one byte or none starts the upload anew") {
    UploadLab lab;
    chunk_only(lab);
    const std::string taken = GENERATE("", "x");
    lab.registry.before =
        [&, patches = 0](const HttpRequest& request) mutable -> std::optional<http::HttpResponse> {
        const bool fits = request.body.size() <= lab.registry.largest_body;
        if (request.method == Method::patch && fits && ++patches == 1) {
            lab.registry.sessions["s1"] = taken;
            throw broken();
        }
        return std::nullopt;
    };
    lab.put(kLarge);
    CHECK(lab.has(kLarge));
    CHECK(lab.count(Method::post) == 2);
    CHECK(lab.registry.sessions.empty());
}

TEST_CASE("UPL-10 a blob of one byte that was sent is 0-0") {
    UploadLab lab;
    lab.registry.before =
        on_nth(Method::put, 1, [](const HttpRequest&) { return std::optional(respond(405)); });
    lab.put("x");
    CHECK(lab.has("x"));
    CHECK(lab.methods() == "POST PUT PATCH PUT");
}
