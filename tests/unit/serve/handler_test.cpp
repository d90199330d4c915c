#include "serve/handler.hpp"

#include <map>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::serve;

namespace {

struct Lab {
    explicit Lab(bool read_only = false)
        : handler(*storage, {"main", read_only, 1000}, clock, {}, log) {}

    Reply ask(const std::string& method,
              const std::string& target,
              const std::string& body = "",
              const std::map<std::string, std::string>& headers = {}) {
        const RequestHead head{
            method, target, [&](const char* name) -> std::optional<std::string_view> {
                const auto found = headers.find(name);
                return found == headers.end() ? std::nullopt
                                              : std::optional<std::string_view>(found->second);
            }};
        Outcome outcome = handler.begin(head);
        if (auto* reply = std::get_if<Reply>(&outcome)) {
            return std::move(*reply);
        }
        auto& taker = std::get<std::unique_ptr<BodyTaker>>(outcome);
        try {
            taker->take(base::as_bytes(body));
            return taker->finish();
        } catch (...) {
            return handler.reply_to_failure();
        }
    }

    std::unique_ptr<Storage> storage = make_memory_storage(std::uint64_t{1} << 20);
    base::SystemClock clock;
    base::NullLog log;
    Handler handler;
};

std::string header(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("an error is the specification's envelope, whatever bytes it quotes") {
    Lab lab;
    const Reply reply = lab.ask("GET", "/v2/r/blobs/%ff%fe");
    CHECK(reply.status == 400);
    CHECK(std::get<std::string>(reply.body).find(R"({"errors":[{"code":"DIGEST_INVALID")") == 0);
}

TEST_CASE("methods that an endpoint has not are answered with those that it has") {
    Lab lab;
    for (const char* path :
         {"/v2/", "/v2/_catalog", "/v2/r/tags/list", "/v2/r/referrers/sha256:abc"}) {
        const Reply reply = lab.ask("PUT", path);
        CHECK(reply.status == 405);
        CHECK(header(reply, "Allow") == "GET, HEAD");
    }
    CHECK(lab.ask("GET", "/v2/r/blobs/uploads/").status == 405);
    CHECK(lab.ask("BREW", "/v2/r/blobs/uploads/x").status == 405);
    CHECK(lab.ask("PATCH", "/v2/r/manifests/v1").status == 405);
}

TEST_CASE("a read-only registry changes nothing") {
    Lab lab(true);
    CHECK(lab.ask("POST", "/v2/r/blobs/uploads/").status == 405);
    CHECK(lab.ask("GET", "/v2/").status == 200);
}

TEST_CASE("a request of a web page changes nothing") {
    Lab lab;
    CHECK(lab.ask("POST", "/v2/r/blobs/uploads/", "", {{"Origin", "null"}}).status == 403);
    CHECK(lab.ask("GET", "/v2/", "", {{"Origin", "null"}}).status == 200);
}

TEST_CASE("F-08 a declared length that is too large is refused before the body") {
    Lab lab;
    const std::string digest = model::Digest::sha256_of("x").str();
    CHECK(lab.ask("POST", "/v2/r/blobs/uploads/?digest=" + digest, "", {{"Content-Length", "1001"}})
              .status == 413);
    CHECK(lab.ask("PUT", "/v2/r/manifests/v1", "", {{"Content-Length", "4194305"}}).status == 413);
}

TEST_CASE("a monolithic upload that fails leaves no upload behind") {
    Lab lab;
    const std::string digest = model::Digest::sha256_of("x").str();
    for (int i = 0; i < 1100; ++i) {  // more than may be open at once
        CHECK(lab.ask("POST", "/v2/r/blobs/uploads/?digest=" + digest, "y").status == 400);
    }
    CHECK(lab.ask("POST", "/v2/r/blobs/uploads/?digest=" + digest, "x").status == 201);
}
