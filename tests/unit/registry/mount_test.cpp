#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using test::RegistryLab;
using test::respond;

TEST_CASE("MNT-01 MNT-03 MNT-04 a mount is one POST, and a refusal is no failure") {
    for (const auto& [status, mounted] :
         {std::pair{201, true}, std::pair{202, false}, std::pair{403, false}, std::pair{404, false},
          std::pair{500, false}}) {
        CAPTURE(status);
        RegistryLab lab([code = status](const HttpRequest&) { return respond(code); });
        CHECK(lab.client.mount_blob(model::Repository::parse("h.test/from/x"),
                                    model::Repository::parse("h.test/to"),
                                    model::Digest::sha256_of("b"), {}) == mounted);
        const HttpRequest request = lab.fake.requests().at(0);
        CHECK(request.url.find("/v2/to/blobs/uploads/?mount=sha256%3A") != std::string::npos);
        CHECK(request.url.ends_with("&from=from%2Fx"));
        CHECK(request.scopes ==
              std::vector<std::string>{"repository:to:pull,push", "repository:from/x:pull"});
    }
}
