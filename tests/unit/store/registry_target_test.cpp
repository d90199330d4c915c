#include "regtool/store/open_store.hpp"
#include "support/catch.hpp"
#include "unit/registry/upload_lab.hpp"

using namespace regtool;
using http::HttpRequest;
using http::Method;
using test::respond;
using test::UploadLab;

namespace {

model::Descriptor descriptor(const std::string& bytes, std::uint64_t size) {
    model::Descriptor described{"application/octet-stream",
                                model::Digest::sha256_of(bytes),
                                size,
                                std::nullopt,
                                {},
                                {},
                                {},
                                std::nullopt};
    return described;
}

std::unique_ptr<store::ImageTarget> target(UploadLab& lab, const std::string& text) {
    return store::open_target(text, lab.lab.client);
}

}  // namespace

TEST_CASE("UPL-01 a blob is there when it is there with its size") {
    UploadLab lab;
    lab.registry.blobs[model::Digest::sha256_of("abc").str()] = "abc";
    const std::vector<model::Descriptor> wanted{descriptor("abc", 3), descriptor("abc", 4),
                                                descriptor("xyz", 3)};
    CHECK(target(lab, "h.test/r:v1")->have_blobs(wanted, {}) ==
          std::vector<bool>{true, false, false});
}

TEST_CASE("MNT-02 MNT-05 a declined mount's session serves the upload, and none is left open") {
    UploadLab lab;
    {
        const auto place = target(lab, "h.test/r:v1");
        const model::Descriptor blob = descriptor("abc", 3);
        CHECK_FALSE(place->try_mount(blob, model::Repository::parse("other.test/r"), {}));
        CHECK(lab.lab.fake.requests().empty());
        CHECK_FALSE(place->try_mount(blob, model::Repository::parse("h.test/from"), {}));
        place->put_blob(blob, lab.reader("abc", blob.digest), {}, {});
        CHECK(lab.methods() == "POST PUT");
        CHECK(lab.has("abc"));
        CHECK_FALSE(
            place->try_mount(descriptor("xyz", 3), model::Repository::parse("h.test/from"), {}));
        CHECK(lab.registry.sessions.size() == 1);
    }
    CHECK(lab.registry.sessions.empty());
}

TEST_CASE("PUT-01 REF-05 manifests go under their digest or under a name") {
    UploadLab lab;
    lab.registry.before = [](const HttpRequest&) { return std::optional(respond(201)); };
    const auto place = target(lab, "h.test/r:v1");
    CHECK(place->wanted_name() == "v1");
    CHECK_FALSE(place->wanted_digest());
    const auto manifest = model::Manifest::parse(
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})",
        "");
    place->put_manifest(manifest, std::nullopt, {});
    place->put_manifest(manifest, "v2", {});
    const auto requests = lab.lab.fake.requests();
    CHECK(requests.at(0).url == "https://h.test/v2/r/manifests/" + manifest.digest().str());
    CHECK(requests.at(1).url == "https://h.test/v2/r/manifests/v2");
    CHECK(requests.at(1).body == manifest.bytes());
    CHECK(requests.at(1).headers.get("Content-Type") == manifest.media_type());
}
