#include <map>
#include <set>

#include "registry/referrers_list.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "regtool/model/media_type.hpp"
#include "support/catch.hpp"
#include "unit/registry/registry_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::HttpResponse;
using http::Method;
using test::RegistryLab;
using test::respond;

namespace {

const std::string kIndex(model::media_type::kOciIndex);
const std::string kManifest(model::media_type::kOciManifest);
const model::Repository kRepository = model::Repository::parse("reg.test/r");
const model::Digest kSubject = model::Digest::sha256_of("subject");
const std::string kTag = "sha256-" + std::string(kSubject.encoded());

std::string entry(const std::string& of, const std::string& type = "a/b") {
    return R"({"mediaType":")" + kManifest + R"(","digest":")" +
           model::Digest::sha256_of(of).str() + R"(","size":10,"artifactType":")" + type +
           R"(","x-other":[1,{}]})";
}

std::string index_of(const std::vector<std::string>& entries, const std::string& more = "") {
    std::string text = R"({"schemaVersion":2,"mediaType":")" + kIndex + R"(","manifests":[)";
    for (const std::string& one : entries) {
        text += (text.back() == '[' ? "" : ",") + one;
    }
    return text + "]" + more + "}";
}

HttpResponse list_answer(const std::string& body, const std::string& more = "") {
    auto response = respond(200, {{"Content-Type", kIndex}}, body);
    if (!more.empty()) {
        response.headers.add("Link", "<" + more + ">; rel=\"next\"");
    }
    return response;
}

std::vector<std::string> found(RegistryLab& lab, const std::string& type = "") {
    std::vector<std::string> digests;
    for (const model::Descriptor& one : lab.client.referrers(kRepository, kSubject, type, {})) {
        digests.push_back(one.digest.str());
    }
    return digests;
}

std::vector<std::string> digests_of(const std::vector<std::string>& texts) {
    std::vector<std::string> digests;
    for (const std::string& text : texts) {
        digests.push_back(model::Digest::sha256_of(text).str());
    }
    return digests;
}

model::Manifest artifact(const std::string& name) {
    return model::Manifest::parse(
        R"({"schemaVersion":2,"mediaType":")" + kManifest +
            R"(","config":{"mediaType":"application/vnd.example.config","digest":")" +
            model::Digest::sha256_of("{}").str() + R"(","size":2},"layers":[],"subject":{)" +
            R"("mediaType":")" + kManifest + R"(","digest":")" + kSubject.str() +
            R"(","size":7},"annotations":{"name":")" + name + "\"}}",
        "");
}

/// Keeps manifests by name, knows no referrers API.
struct OldRegistry {
    std::map<std::string, std::string> names;
    std::function<void(const HttpRequest&)> before;
    bool sends_subject = false;
    bool has_etags = false;

    HttpResponse operator()(const HttpRequest& request) {
        if (before) {
            before(request);
        }
        const std::size_t at = request.url.find("/manifests/");
        if (at == std::string::npos) {
            return respond(404);
        }
        const std::string name = request.url.substr(at + 11);
        if (request.method == Method::put) {
            return put(request, name);
        }
        if (!names.contains(name)) {
            return respond(404);
        }
        const std::string digest = model::Digest::sha256_of(names[name]).str();
        auto response =
            respond(200,
                    {{"Content-Type",
                      names[name].find("\"layers\"") == std::string::npos ? kIndex : kManifest},
                     {"Docker-Content-Digest", digest},
                     {"Content-Length", std::to_string(names[name].size())}},
                    request.method == Method::get ? names[name] : "");
        if (has_etags) {
            response.headers.set("ETag", '"' + digest + '"');
        }
        return response;
    }

    HttpResponse put(const HttpRequest& request, const std::string& name) {
        const auto match = request.headers.get("If-Match");
        if (match && names.contains(name) &&
            *match != '"' + model::Digest::sha256_of(names[name]).str() + '"') {
            return respond(412);
        }
        if (has_etags && request.headers.get("If-None-Match") && names.contains(name)) {
            return respond(412);
        }
        names[name] = request.body;
        auto response = respond(201);
        if (sends_subject) {
            response.headers.set("OCI-Subject", kSubject.str());
        }
        return response;
    }
};

struct OldLab {
    OldRegistry registry;
    RegistryLab lab{[this](const HttpRequest& request) { return registry(request); }};

    void put(const std::string& name) {
        const model::Manifest manifest = artifact(name);
        lab.client.put_manifest(model::Reference::parse("reg.test/r@" + manifest.digest().str()),
                                manifest, {});
    }

    /// Another client adds an entry, at once.
    void add_elsewhere(const std::string& of) {
        std::string& list = registry.names[kTag];
        if (list.empty()) {
            list = index_of({entry(of)});
        } else {
            list = list.substr(0, list.rfind("]}")) + "," + entry(of) + "]}";
        }
    }
};

}  // namespace

TEST_CASE("RFR-03 the tag that stands in for the API") {
    CHECK(registry::referrers_tag(kSubject) == kTag);
    const std::string hex(128, 'a');
    CHECK(registry::referrers_tag(model::Digest::parse("sha512:" + hex)) ==
          "sha512-" + hex.substr(0, 64));
    CHECK(registry::referrers_tag(model::Digest::parse(
              "test+algorithm+using+algorithm+separators+and+lots+of+characters+to+excercise+"
              "overall+truncation:alsoSome=InTheEncodedSectionToShowHyphenReplacementAndLotsAndLots"
              "OfCharactersToExcerciseEncodedTruncation")) ==
          "test-algorithm-using-algorithm-s-alsoSome-InTheEncodedSectionToShowHyphenReplacementAnd"
          "LotsAndLot");
}

TEST_CASE("RFR-01 RFR-06 all pages of the API, each entry once") {
    RegistryLab lab([](const HttpRequest& request) {
        CHECK(request.headers.get("Accept") == kIndex);
        CHECK(request.scopes == std::vector<std::string>{"repository:r:pull"});
        if (request.url.ends_with("?next")) {
            return list_answer(index_of({entry("b"), entry("c")}));
        }
        CHECK(request.url == "https://reg.test/v2/r/referrers/" + kSubject.str());
        return list_answer(index_of({entry("a"), entry("b")}), "?next");
    });
    CHECK(found(lab) == digests_of({"a", "b", "c"}));
}

TEST_CASE("RFR-06 T-11 pages that lead astray") {
    RegistryLab circle([](const HttpRequest& request) {
        return list_answer(index_of({entry("a")}), request.url);
    });
    CHECK_THROWS_AS(found(circle), base::RegistryError);
    RegistryLab elsewhere([](const HttpRequest&) {
        return list_answer(index_of({entry("a")}), "https://evil.test/v2/r/referrers/x");
    });
    CHECK_THROWS_AS(found(elsewhere), base::RegistryError);
    CHECK(elsewhere.fake.requests().size() == 1);
    RegistryLab second([](const HttpRequest& request) {
        return request.url.ends_with("?next") ? respond(404)
                                              : list_answer(index_of({entry("a")}), "?next");
    });
    CHECK_THROWS_AS(found(second), base::NotFound);
}

TEST_CASE("RFR-05 the filter is sent, and done here where the registry does not") {
    bool applied = false;
    RegistryLab lab([&](const HttpRequest& request) {
        CHECK(request.url.ends_with("?artifactType=a%2Fb%2Bc"));
        auto response = list_answer(index_of({entry("x", "a/b+c"), entry("y", "other/type")}));
        if (applied) {
            response.headers.set("OCI-Filters-Applied", "foo, ARTIFACTTYPE");
        }
        return response;
    });
    CHECK(found(lab, "a/b+c") == digests_of({"x"}));
    applied = true;
    CHECK(found(lab, "a/b+c") == digests_of({"x", "y"}));
}

TEST_CASE("RFR-02 RFR-04 without the API the tag is read, and its absence is an empty list") {
    const int status = GENERATE(400, 404, 405, 406, 501, 200);
    CAPTURE(status);
    std::optional<std::string> tagged;
    RegistryLab lab([&](const HttpRequest& request) {
        if (request.url.find("/referrers/") != std::string::npos) {
            return respond(status, {{"Content-Type", "text/html"}}, "<html>");
        }
        CHECK(request.url == "https://reg.test/v2/r/manifests/" + kTag);
        return tagged ? list_answer(*tagged) : respond(404);
    });
    CHECK(found(lab).empty());
    tagged = index_of({entry("a", "t/a"), entry("b", "t/b"), entry("a", "t/a")});
    CHECK(found(lab) == digests_of({"a", "b"}));
    CHECK(found(lab, "t/b") == digests_of({"b"}));
}

TEST_CASE("RFR-02 RFR-15 failures and nonsense are no empty lists") {
    for (const int status : {401, 403, 429, 500, 503}) {
        CAPTURE(status);
        RegistryLab lab([&](const HttpRequest&) { return respond(status); });
        CHECK_THROWS_AS(found(lab), base::Error);
    }
    RegistryLab lab([](const HttpRequest&) {
        return list_answer(index_of({R"({"mediaType":"a/b","digest":"sha256:short","size":1})"}));
    });
    CHECK_THROWS_AS(found(lab), base::InvalidDocument);
}

TEST_CASE("RFR-07 a registry that says OCI-Subject keeps the list itself") {
    OldLab old;
    old.registry.sends_subject = true;
    old.put("a");
    CHECK(old.lab.fake.requests().size() == 1);
    CHECK_FALSE(old.registry.names.contains(kTag));
}

TEST_CASE("RFR-07 RFR-08 PUT-12 elsewhere the list is kept, once for each entry") {
    OldLab old;
    old.registry.has_etags = GENERATE(true, false);
    old.put("a");
    old.put("b");
    const std::string two = old.registry.names.at(kTag);
    old.put("b");
    CHECK(old.registry.names.at(kTag) == two);
    const auto list = model::Manifest::parse(two, "");
    REQUIRE(list.index() != nullptr);
    REQUIRE(list.index()->manifests.size() == 2);
    const model::Descriptor& first = list.index()->manifests.front();
    CHECK(first.digest == artifact("a").digest());
    CHECK(first.size == artifact("a").bytes().size());
    CHECK(first.artifact_type == "application/vnd.example.config");
    CHECK(first.annotations == model::Annotations{{"name", "a"}});
}

TEST_CASE("RFR-08 MED-19 what others have in the list stays") {
    OldLab old;
    old.registry.names[kTag] = index_of({entry("x")}, R"(,"annotations":{"k":"v"},"z":null)");
    old.put("a");
    const std::string& now = old.registry.names.at(kTag);
    CHECK(now.find(entry("x")) != std::string::npos);
    CHECK(now.ends_with(R"("annotations":{"k":"v"},"z":null})"));
}

TEST_CASE("RFR-08 a tag that is something else is never overwritten") {
    OldLab old;
    const std::string other = artifact("precious").bytes();
    old.registry.names[kTag] = other;
    CHECK_THROWS_AS(old.put("a"), base::RegistryError);
    CHECK(old.registry.names.at(kTag) == other);
    CHECK(old.registry.names.contains(artifact("a").digest().str()));
}

TEST_CASE("RFR-09 writers in between lose nothing") {
    OldLab old;
    old.registry.has_etags = GENERATE(true, false);
    const auto when = GENERATE(Method::get, Method::head, Method::put);
    int others = 0;
    old.registry.before = [&](const HttpRequest& request) {
        if (request.url.ends_with(kTag) && request.method == when && others < 2) {
            // Before our PUT of the list another client reads what we have read and replaces it.
            const bool replaced = when == Method::put && !old.registry.has_etags;
            if (!replaced) {
                old.add_elsewhere("other" + std::to_string(others));
            }
            ++others;
        }
    };
    old.put("a");
    const auto list = model::Manifest::parse(old.registry.names.at(kTag), "");
    std::set<std::string> digests;
    for (const model::Descriptor& one : list.index()->manifests) {
        digests.insert(one.digest.str());
    }
    CHECK(digests.contains(artifact("a").digest().str()));
    if (when != Method::put || old.registry.has_etags) {
        CHECK(digests.contains(model::Digest::sha256_of("other0").str()));
        CHECK(digests.contains(model::Digest::sha256_of("other1").str()));
    }
}

TEST_CASE("RFR-09 a list that others keep replacing is an error, not a success") {
    OldLab old;
    old.registry.before = [&](const HttpRequest& request) {
        if (request.url.ends_with(kTag) && request.method == Method::get) {
            old.registry.names[kTag] = index_of({entry("x")});
        }
    };
    CHECK_THROWS_AS(old.put("a"), base::RegistryError);
    CHECK(old.lab.fake.requests().size() < 40);
}

TEST_CASE("RFR-10 a list larger than registries take is not sent") {
    OldLab old;
    const std::string filler(model::kMaxManifestBytes - 500, 'x');
    const std::string full = index_of({entry("x")}, R"(,"annotations":{"f":")" + filler + "\"}");
    old.registry.names[kTag] = full;
    CHECK_THROWS_AS(old.put("a"), base::RegistryError);
    CHECK(old.registry.names.at(kTag) == full);
}

TEST_CASE("RFR-11 a deleted referrer leaves the list") {
    OldLab old;
    old.put("a");
    old.put("b");
    const auto forget = [&](const std::string& name) {
        old.lab.client.forget_referrer(kRepository, kSubject, artifact(name).digest(), {});
        return model::Manifest::parse(old.registry.names.at(kTag), "").index()->manifests.size();
    };
    CHECK(forget("a") == 1);
    CHECK(forget("a") == 1);
    CHECK(forget("b") == 0);
    RegistryLab with_api([](const HttpRequest& request) {
        CHECK(request.method == Method::get);
        return list_answer(index_of({}));
    });
    with_api.client.forget_referrer(kRepository, kSubject, artifact("a").digest(), {});
    CHECK(with_api.fake.requests().size() == 1);
}
