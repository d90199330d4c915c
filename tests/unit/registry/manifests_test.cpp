#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::RegistryLab;
using test::respond;

namespace {

const std::string kType = "application/vnd.oci.image.manifest.v1+json";

std::string body(const std::string& comment = "") {
    return R"({"schemaVersion":2,"mediaType":")" + kType +
           R"(","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
           model::Digest::sha256_of("{}").str() +
           R"(","size":2},"layers":[],"annotations":{"c":")" + comment + "\"}}";
}

http::HttpResponse good(const std::string& bytes) {
    return respond(200,
                   {{"Content-Type", kType},
                    {"Docker-Content-Digest", model::Digest::sha256_of(bytes).str()},
                    {"Content-Length", std::to_string(bytes.size())}},
                   bytes);
}

model::Manifest parsed(const std::string& bytes) {
    return model::Manifest::parse(bytes, kType);
}

const model::Reference kTag = model::Reference::parse("reg.test/r:t");

model::Reference by_digest(const std::string& bytes) {
    return kTag.with_digest(model::Digest::sha256_of(bytes));
}

}  // namespace

TEST_CASE("MAN-01 MAN-04 one GET with the one Accept line") {
    RegistryLab lab([](const HttpRequest&) { return good(body()); });
    CHECK(lab.client.manifest(kTag, {}).bytes() == body());
    REQUIRE(lab.fake.requests().size() == 1);
    const HttpRequest request = lab.fake.requests()[0];
    CHECK(request.url == "https://reg.test/v2/r/manifests/t");
    CHECK(request.headers.get_all("Accept").size() == 1);
    CHECK(request.scopes == std::vector<std::string>{"repository:r:pull"});
}

TEST_CASE("T-02 DIG-07 the digest asked for decides, whatever the header says") {
    RegistryLab lab([](const HttpRequest&) { return good(body("other")); });
    CHECK_THROWS_AS(lab.client.manifest(by_digest(body()), {}), base::IntegrityError);
}

TEST_CASE("DIG-08 by tag the header must agree with the bytes") {
    RegistryLab lying([](const HttpRequest&) {
        return respond(200, {{"Docker-Content-Digest", model::Digest::sha256_of("x").str()}},
                       body());
    });
    CHECK_THROWS_AS(lying.client.manifest(kTag, {}), base::IntegrityError);
    RegistryLab odd([](const HttpRequest&) {
        return respond(200, {{"Docker-Content-Digest", "nonsense"}}, body());
    });
    CHECK_NOTHROW(odd.client.manifest(kTag, {}));
}

TEST_CASE("DIG-09 a header in another algorithm than was asked for has to be true as well") {
    const auto sha512 = [](const std::string& of) {
        return model::Digest::of(base::HashAlgorithm::sha512, of).str();
    };
    const model::Descriptor child{
        kType, model::Digest::sha256_of(body()), body().size(), {}, {}, {}, {}, {}};
    for (const bool lies : {false, true}) {
        RegistryLab lab([&](const HttpRequest&) {
            return respond(200,
                           {{"Content-Type", kType},
                            {"Docker-Content-Digest", sha512(lies ? "other" : body())}},
                           body());
        });
        if (lies) {
            CHECK_THROWS_AS(lab.client.manifest(by_digest(body()), {}), base::IntegrityError);
            CHECK_THROWS_AS(lab.client.manifest(kTag.repository(), child, {}),
                            base::IntegrityError);
        } else {
            CHECK(lab.client.manifest(by_digest(body()), {}).bytes() == body());
            CHECK(lab.client.manifest(kTag.repository(), child, {}).bytes() == body());
        }
    }
}

TEST_CASE("DIG-03 manifests by sha512") {
    RegistryLab lab([](const HttpRequest&) {
        return respond(200, {{"Content-Type", kType}}, body());
    });
    CHECK_NOTHROW(lab.client.manifest(
        kTag.with_digest(model::Digest::of(base::HashAlgorithm::sha512, body())), {}));
}

TEST_CASE("DIG-05 a child has the size that its parent says") {
    RegistryLab lab([](const HttpRequest&) { return good(body()); });
    model::Descriptor child{kType, model::Digest::sha256_of(body()), body().size(), {}, {}, {}, {},
                            {}};
    CHECK_NOTHROW(lab.client.manifest(kTag.repository(), child, {}));
    child.size += 1;
    CHECK_THROWS_AS(lab.client.manifest(kTag.repository(), child, {}), base::IntegrityError);
}

TEST_CASE("ERR-05 MAN-15 an answer that is no manifest") {
    RegistryLab envelope([](const HttpRequest&) {
        return respond(200, {}, R"({"errors":[{"code":"DENIED","message":"no"}]})");
    });
    CHECK_THROWS_AS(envelope.client.manifest(kTag, {}), base::RegistryError);
    RegistryLab page([](const HttpRequest&) {
        return respond(200, {{"Content-Type", "text/html; charset=utf-8"}}, "<html>");
    });
    CHECK_THROWS_AS(page.client.manifest(kTag, {}), base::RegistryError);
}

TEST_CASE("MAN-05 MAN-06 resolving by HEAD, by GET where HEAD does not tell") {
    RegistryLab head([](const HttpRequest&) { return good(body()); });
    CHECK(head.client.resolve(kTag, {}).digest == model::Digest::sha256_of(body()));
    CHECK(head.fake.requests().size() == 1);
    CHECK(head.fake.requests()[0].method == Method::head);
    for (const int status : {405, 501, 400, 200}) {
        CAPTURE(status);
        RegistryLab lab([&](const HttpRequest& request) {
            return request.method == Method::head ? respond(status) : good(body());
        });
        const auto descriptor = lab.client.resolve(kTag, {});
        CHECK(descriptor.digest == model::Digest::sha256_of(body()));
        CHECK(descriptor.size == body().size());
        CHECK(descriptor.media_type == kType);
    }
}

TEST_CASE("MAN-07 MAN-10 RAT-05 refused HEADs") {
    RegistryLab absent([](const HttpRequest&) { return respond(404); });
    CHECK_FALSE(absent.client.manifest_head(kTag, {}));
    CHECK_THROWS_AS(absent.client.resolve(kTag, {}), base::NotFound);
    RegistryLab denied([](const HttpRequest& request) {
        return respond(403, {},
                       request.method == Method::get
                           ? R"({"errors":[{"code":"DENIED","message":"words"}]})"
                           : "");
    });
    try {
        (void)denied.client.manifest_head(kTag, {});
        FAIL("nothing was thrown");
    } catch (const base::AccessDenied& error) {
        CHECK(error.facts().registry_errors.at(0).message == "words");
    }
    RegistryLab limited([](const HttpRequest&) { return respond(429); });
    CHECK_THROWS_AS(limited.client.manifest_head(kTag, {}), base::RegistryError);
    CHECK(limited.fake.requests().size() == 1);
}

TEST_CASE("T-02 a HEAD by digest that names another one is a lie") {
    RegistryLab lab([](const HttpRequest&) { return good(body("other")); });
    CHECK_THROWS_AS(lab.client.resolve(by_digest(body()), {}), base::IntegrityError);
}

TEST_CASE("many are resolved in one go, each with its own outcome") {
    RegistryLab lab([](const HttpRequest& request) {
        if (request.url.ends_with("/gone")) {
            return respond(404);
        }
        return request.url.ends_with("/forgetful") && request.method == Method::head ? respond(200)
                                                                                     : good(body());
    });
    const std::vector<model::Reference> references = {kTag, kTag.with_tag("gone"),
                                                      kTag.with_tag("forgetful")};
    std::vector<int> outcome(3);
    lab.client.resolve_many(references,
                            [&](const registry::RegistryClient::Resolved& resolved) {
                                outcome[resolved.index] =
                                    std::holds_alternative<model::Descriptor>(resolved.result) ? 1
                                                                                               : 2;
                            },
                            {});
    CHECK(outcome == std::vector<int>{1, 2, 1});
}

TEST_CASE("PUT-02 PUT-03 PUT-05 the very bytes under a name") {
    RegistryLab lab([](const HttpRequest&) { return respond(201); });
    const std::string bytes = " " + body() + "\n";
    lab.client.put_manifest(kTag, parsed(bytes), {});
    const HttpRequest request = lab.fake.requests().at(0);
    CHECK(request.method == Method::put);
    CHECK(request.body == bytes);
    CHECK(request.headers.get("Content-Type") == kType);
    CHECK(request.scopes == std::vector<std::string>{"repository:r:pull,push"});
    CHECK_THROWS_AS(lab.client.put_manifest(by_digest("other"), parsed(bytes), {}),
                    base::IntegrityError);
    CHECK(lab.fake.requests().size() == 1);
}

TEST_CASE("PUT-04 PUT-03 PUT-06 what a registry does with them") {
    RegistryLab altered([](const HttpRequest&) {
        return respond(201, {{"Docker-Content-Digest", model::Digest::sha256_of("x").str()}});
    });
    CHECK_THROWS_AS(altered.client.put_manifest(kTag, parsed(body()), {}), base::IntegrityError);
    RegistryLab vague([](const HttpRequest& request) {
        return request.method == Method::put ? respond(200) : respond(404);
    });
    CHECK_THROWS_AS(vague.client.put_manifest(kTag, parsed(body()), {}), base::RegistryError);
    // What was there before under that digest does not show that the tag has moved.
    RegistryLab portal([](const HttpRequest& request) {
        if (request.method == Method::put) {
            return respond(200, {{"Content-Type", "text/html"}}, "log in");
        }
        const std::string digest = request.url.ends_with("/t")
                                       ? model::Digest::sha256_of("x").str()
                                       : model::Digest::sha256_of(body()).str();
        return respond(200, {{"Docker-Content-Digest", digest},
                             {"Content-Type", std::string(kType)},
                             {"Content-Length", "1"}});
    });
    CHECK_THROWS_AS(portal.client.put_manifest(kTag, parsed(body()), {}), base::RegistryError);
    RegistryLab immutable([](const HttpRequest&) {
        return respond(400, {},
                       R"({"errors":[{"code":"TAG_INVALID","message":"tag is immutable"}]})");
    });
    CHECK_THROWS_AS(immutable.client.put_manifest(kTag, parsed(body()), {}),
                    base::PreconditionError);
}

TEST_CASE("PUT-11 a PUT whose answer was lost is settled by asking by digest and by tag") {
    bool has_digest = false;
    bool has_tag = false;
    RegistryLab lab([&](const HttpRequest& request) {
        if (request.method == Method::put) {
            throw base::TransportError(base::TransportPhase::receive, true, "the test broke it");
        }
        const bool is_there = request.url.ends_with("/t") ? has_tag : has_digest;
        return is_there ? good(body()) : respond(404);
    });
    const auto put = [&lab] { lab.client.put_manifest(kTag, parsed(body()), {}); };
    CHECK_THROWS_AS(put(), base::TransportError);
    has_digest = true;  // it arrived, and the tag stands for something else
    CHECK_THROWS_AS(put(), base::TransportError);
    has_tag = true;
    CHECK_NOTHROW(put());
    for (const HttpRequest& request : lab.fake.requests()) {
        CHECK((request.method == Method::put || request.method == Method::head));
    }
}

TEST_CASE("DEL-01 DEL-08 deleting") {
    RegistryLab lab([](const HttpRequest&) { return respond(202); });
    lab.client.delete_manifest(by_digest(body()), {});
    CHECK(lab.fake.requests().at(0).method == Method::del);
    CHECK(lab.fake.requests().at(0).scopes == std::vector<std::string>{"repository:r:delete"});
}
