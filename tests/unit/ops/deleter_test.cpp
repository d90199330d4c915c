#include "regtool/ops/deleter.hpp"

#include <map>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::HttpResponse;
using http::Method;
using test::RegistryLab;
using test::respond;

namespace {

const std::string kType = "application/vnd.oci.image.manifest.v1+json";
const std::string kIndexType = "application/vnd.oci.image.index.v1+json";
const model::Reference kTag = model::Reference::parse("reg.test/r:v1");

std::string body(const std::string& note) {
    return R"({"schemaVersion":2,"mediaType":")" + kType +
           R"(","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
           model::Digest::sha256_of("{}").str() +
           R"(","size":2},"layers":[],"annotations":{"n":")" + note + "\"}}";
}

/// Tags and manifests in memory.
struct Registry {
    std::map<std::string, std::string> names;
    int tag_deletion = 202;
    int digest_deletion = 202;
    int tags_status = 200;
    bool answer_lost = false;
    RegistryLab lab{[this](const HttpRequest& request) { return answer(request); }};

    void tag(const std::string& name, const std::string& bytes) {
        names[name] = bytes;
        names[model::Digest::sha256_of(bytes).str()] = bytes;
    }

    HttpResponse answer(const HttpRequest& request) {
        const std::string name = request.url.substr(request.url.rfind('/') + 1);
        if (request.url.ends_with("/tags/list")) {
            return tags();
        }
        if (request.url.find("/blobs/") != std::string::npos) {
            return request.method == Method::post ? respond(202, {{"Location", "/v2/r/blobs/up"}})
                                                  : respond(201);
        }
        if (request.method == Method::put) {
            tag(name, request.body);
            return respond(201);
        }
        if (request.method == Method::del) {
            return remove(name);
        }
        if (!names.contains(name)) {
            return respond(404);
        }
        const std::string& bytes = names[name];
        const bool is_index = bytes.find("\"manifests\"") != std::string::npos;
        return respond(200,
                       {{"Content-Type", is_index ? kIndexType : kType},
                        {"Docker-Content-Digest", model::Digest::sha256_of(bytes).str()},
                        {"Content-Length", std::to_string(bytes.size())}},
                       request.method == Method::get ? bytes : "");
    }

    HttpResponse tags() const {
        std::string list;
        for (const auto& [name, bytes] : names) {
            if (!name.starts_with("sha256:")) {
                list += (list.empty() ? "\"" : ",\"") + name + "\"";
            }
        }
        return respond(tags_status, {}, R"({"name":"r","tags":[)" + list + "]}");
    }

    HttpResponse remove(const std::string& name) {
        const bool is_digest = name.starts_with("sha256:");
        const int status = is_digest ? digest_deletion : tag_deletion;
        if (status != 202) {
            return respond(status);
        }
        if (is_digest) {
            const std::string bytes = names[name];
            std::erase_if(names, [&](const auto& entry) { return entry.second == bytes; });
        } else {
            names.erase(name);
        }
        return respond(answer_lost ? 404 : 202);
    }
};

}  // namespace

TEST_CASE("DEL-01 DEL-03 the plan names every tag, and only run() deletes") {
    Registry registry;
    registry.tag("v1", body("a"));
    registry.tag("v2", body("a"));
    registry.tag("other", body("b"));
    ops::ManifestDeletion deletion(registry.lab.client, kTag);
    const ops::DeleteReport plan = deletion.plan({});
    CHECK(plan.tags == std::vector<std::string>{"v1", "v2"});
    CHECK(plan.tags_unknown.empty());
    CHECK_FALSE(plan.deleted);
    CHECK(plan.reference == "reg.test/r@" + model::Digest::sha256_of(body("a")).str());
    for (const HttpRequest& request : registry.lab.fake.requests()) {
        CHECK((request.method == Method::get || request.method == Method::head));
    }
    // What was agreed to goes, even when the tag has moved meanwhile.
    registry.tag("v1", body("new"));
    CHECK(deletion.run({}).deleted);
    CHECK(registry.names.contains("v1"));
    CHECK_FALSE(registry.names.contains("v2"));
    CHECK(registry.names.contains("other"));
}

TEST_CASE("DEL-03 tags that cannot be listed are said to be unknown") {
    Registry registry;
    registry.tag("v1", body("a"));
    registry.tags_status = 403;
    ops::ManifestDeletion deletion(registry.lab.client, kTag);
    CHECK_FALSE(deletion.plan({}).tags_unknown.empty());
}

TEST_CASE("DEL-06 DEL-07 what is gone already") {
    Registry registry;
    CHECK_THROWS_AS(ops::ManifestDeletion(registry.lab.client, kTag).plan({}), base::NotFound);
    registry.tag("v1", body("a"));
    ops::ManifestDeletion deletion(registry.lab.client, kTag);
    (void)deletion.plan({});
    SECTION("an answer that was lost") {
        registry.answer_lost = true;
        CHECK(deletion.run({}).deleted);
    }
    SECTION("a 404 for what is still there") {
        registry.digest_deletion = 404;
        CHECK_THROWS_AS(deletion.run({}), base::RegistryError);
    }
    SECTION("a registry that deletes nothing") {
        registry.digest_deletion = 405;
        CHECK_THROWS_AS(deletion.run({}), base::RegistryError);
    }
}

TEST_CASE("DEL-09 RFR-11 what is deleted leaves the list of referrers that clients keep") {
    Registry registry;
    const model::Digest subject = model::Digest::sha256_of(body("a"));
    std::string signature = body("signature");
    signature.insert(signature.rfind('}'), R"(,"subject":{"mediaType":")" + kType +
                                               R"(","digest":")" + subject.str() +
                                               R"(","size":1})");
    const auto entry = [](const std::string& bytes) {
        return R"({"mediaType":")" + kType + R"(","digest":")" +
               model::Digest::sha256_of(bytes).str() + R"(","size":)" +
               std::to_string(bytes.size()) + "}";
    };
    registry.tag("v1", signature);
    const std::string list = "sha256-" + std::string(subject.encoded());
    registry.tag(list, R"({"schemaVersion":2,"mediaType":")" + kIndexType + R"(","manifests":[)" +
                           entry(signature) + "," + entry(body("another")) + "]}");
    ops::ManifestDeletion deletion(registry.lab.client, kTag);
    CHECK(deletion.plan({}).used_by == std::vector<std::string>{list});
    CHECK(deletion.run({}).deleted);
    CHECK_FALSE(registry.names.contains("v1"));
    const std::string& left = registry.names.at(list);
    CHECK(left.find(model::Digest::sha256_of(signature).str()) == std::string::npos);
    CHECK(left.find(model::Digest::sha256_of(body("another")).str()) != std::string::npos);
}

TEST_CASE("DEL-02 untag never falls back to deleting the image") {
    Registry registry;
    registry.tag("v1", body("a"));
    registry.tag("v2", body("a"));
    const auto untag = [&] {
        return ops::untag(registry.lab.client, registry.lab.random, kTag, ops::Untagging::plain,
                          {});
    };
    SECTION("done") {
        CHECK(untag().digest == model::Digest::sha256_of(body("a")).str());
        CHECK_FALSE(registry.names.contains("v1"));
        CHECK(registry.names.contains("v2"));
    }
    SECTION("refused") {
        registry.tag_deletion = GENERATE(400, 404, 405, 501, 200);
        try {
            (void)untag();
            FAIL("no error");
        } catch (const base::RegistryError& error) {
            CHECK(error.hint().find("--by-dummy") != std::string::npos);
        }
        CHECK(registry.names.contains("v1"));
        for (const HttpRequest& request : registry.lab.fake.requests()) {
            CHECK((request.method != Method::del || request.url.ends_with("/v1")));
        }
    }
}

TEST_CASE("DEL-04 by a dummy the other tags stay, and a failure moves the tag back") {
    Registry registry;
    registry.tag("v1", body("a"));
    registry.tag("v2", body("a"));
    const auto untag = [&] {
        return ops::untag(registry.lab.client, registry.lab.random, kTag, ops::Untagging::by_dummy,
                          {});
    };
    SECTION("done") {
        CHECK(untag().deleted);
        CHECK_FALSE(registry.names.contains("v1"));
        CHECK(registry.names.at("v2") == body("a"));
    }
    SECTION("refused") {
        registry.digest_deletion = 405;
        CHECK_THROWS_AS(untag(), base::RegistryError);
        CHECK(registry.names.at("v1") == body("a"));
    }
}

TEST_CASE("MED-30 a manifest of nothing has the empty configuration, which is put before it") {
    Registry registry;
    registry.tag("v1", body("a"));
    (void)ops::untag(registry.lab.client, registry.lab.random, kTag, ops::Untagging::by_dummy, {});
    std::vector<HttpRequest> puts;
    for (const HttpRequest& request : registry.lab.fake.requests()) {
        if (request.method == Method::put) {
            puts.push_back(request);
        }
    }
    REQUIRE(puts.size() == 2);
    CHECK(puts.at(0).url.find("/blobs/") != std::string::npos);
    CHECK(puts.at(0).body == "{}");
    const model::Manifest dummy = model::Manifest::parse(puts.at(1).body, kType);
    const model::Descriptor& config = dummy.image()->config;
    CHECK(config.media_type == "application/vnd.oci.empty.v1+json");
    CHECK(config.digest.str() ==
          "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    CHECK(config.data == "{}");
    CHECK(dummy.image()->layers.at(0).same_content(config));
    CHECK_FALSE(dummy.image()->artifact_type.empty());
}
