#include "registry_lab.hpp"
#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using test::RegistryLab;
using test::respond;

namespace {

const std::string kManifest =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]})";
const std::string kBlob = "the blob";

registry::Locations with_mirrors(const model::Repository& repository) {
    using Serves = registry::Mirror::Serves;
    return {{{model::Repository::parse("m1.test/" + repository.path()), Serves::everything},
             {model::Repository::parse("m2.test/" + repository.path()), Serves::digests}},
            repository};
}

http::HttpResponse manifest_answer(const std::string& body = kManifest) {
    return respond(200,
                   {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"},
                    {"Docker-Content-Digest", model::Digest::sha256_of(kManifest).str()},
                    {"Content-Length", std::to_string(kManifest.size())}},
                   body);
}

std::vector<std::string> hosts_of(const RegistryLab& lab) {
    std::vector<std::string> hosts;
    for (const auto& request : lab.fake.requests()) {
        const std::string rest = request.url.substr(std::string("https://").size());
        hosts.push_back(rest.substr(0, rest.find('/')));
    }
    return hosts;
}

}  // namespace

TEST_CASE("MIR-05 F-32 a mirror that fails leads to the next, the primary comes last") {
    RegistryLab lab([](const http::HttpRequest& request) {
        if (request.url.starts_with("https://m1.test")) {
            return respond(404);
        }
        if (request.url.starts_with("https://m2.test")) {
            return manifest_answer("{}");  // other bytes than the digest names
        }
        return manifest_answer();
    });
    lab.client.use_locations(with_mirrors);
    const model::Digest digest = model::Digest::sha256_of(kManifest);
    const auto reference = model::Reference::parse("reg.test/a@" + digest.str());
    CHECK(lab.client.manifest(reference, {}).bytes() == kManifest);
    CHECK(hosts_of(lab) == std::vector<std::string>{"m1.test", "m2.test", "reg.test"});
}

TEST_CASE("MIR-04 a mirror for digests is not asked for tags") {
    RegistryLab lab([](const http::HttpRequest& request) {
        return request.url.starts_with("https://m1.test") ? respond(401) : manifest_answer();
    });
    lab.client.use_locations(with_mirrors);
    (void)lab.client.manifest(model::Reference::parse("reg.test/a:v1"), {});
    CHECK(hosts_of(lab) == std::vector<std::string>{"m1.test", "reg.test"});
}

TEST_CASE("MIR-04 what is written goes to no mirror") {
    RegistryLab lab([](const http::HttpRequest&) { return respond(201); });
    lab.client.use_locations(with_mirrors);
    lab.client.put_manifest(model::Reference::parse("reg.test/a:v1"),
                            model::Manifest::parse(kManifest, ""), {});
    CHECK(hosts_of(lab) == std::vector<std::string>{"reg.test"});
}

TEST_CASE("MIR-05 a blob of which a mirror sent bytes is not begun again elsewhere") {
    const model::Digest digest = model::Digest::sha256_of(kBlob);
    RegistryLab lab([](const http::HttpRequest&) { return respond(200, {}, "the bloc"); });
    lab.client.use_locations(with_mirrors);
    stream::StringSink sink(100);
    CHECK_THROWS_AS(lab.client.fetch_blob(model::Repository::parse("reg.test/a"),
                                          {digest, kBlob.size()}, sink, {}),
                    base::IntegrityError);
    CHECK(hosts_of(lab) == std::vector<std::string>{"m1.test"});
}

TEST_CASE("MIR-05 a blob that a mirror lacks comes from the next") {
    const model::Digest digest = model::Digest::sha256_of(kBlob);
    RegistryLab lab([](const http::HttpRequest& request) {
        return request.url.starts_with("https://m2.test") ? respond(200, {}, kBlob) : respond(404);
    });
    lab.client.use_locations(with_mirrors);
    stream::StringSink sink(100);
    CHECK(lab.client.fetch_blob(model::Repository::parse("reg.test/a"), {digest, kBlob.size()},
                                sink, {}) == kBlob.size());
    CHECK(sink.text() == kBlob);
}
