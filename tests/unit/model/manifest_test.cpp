#include "regtool/model/manifest.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::Manifest;

namespace {

const std::string kOci = "application/vnd.oci.image.manifest.v1+json";
const std::string kIndex = "application/vnd.oci.image.index.v1+json";

std::string descriptor(const std::string& type) {
    return R"({"mediaType":")" + type + R"(","digest":")" + model::Digest::sha256_of("x").str() +
           R"(","size":1})";
}

std::string image(const std::string& extra = "", const std::string& type = kOci) {
    return R"({"schemaVersion":2,"mediaType":")" + type + R"(","config":)" +
           descriptor("application/vnd.oci.image.config.v1+json") + R"(,"layers":[)" +
           descriptor("application/vnd.oci.image.layer.v1.tar+gzip") + "]" + extra + "}";
}

}  // namespace

TEST_CASE("MED-20 the bytes and their digest are kept as they came") {
    const std::string bytes = "  " + image() + "\n";
    const Manifest manifest = Manifest::parse(bytes, kOci);
    CHECK(manifest.bytes() == bytes);
    CHECK(manifest.digest() == model::Digest::sha256_of(bytes));
    REQUIRE(manifest.image() != nullptr);
    CHECK(manifest.image()->layers.size() == 1);
    CHECK(manifest.image()->is_image());
    CHECK(manifest.descriptor().size == bytes.size());
}

TEST_CASE("MED-01 an index") {
    const Manifest index =
        Manifest::parse(R"({"schemaVersion":2,"manifests":[)" + descriptor(kOci) + "]}", kIndex);
    REQUIRE(index.index() != nullptr);
    CHECK(index.image() == nullptr);
    CHECK(index.media_type() == kIndex);
}

TEST_CASE("MED-23 T-03 a document that could be two things is refused") {
    for (const char* extra :
         {R"(,"manifests":[])", R"(,"Layers":[])", R"(,"fsLayers":[])", R"(,"Manifests":[])"}) {
        CAPTURE(extra);
        CHECK_THROWS_AS(Manifest::parse(image(extra), kOci), base::Error);
    }
    CHECK_THROWS_AS(Manifest::parse(image(R"(,"layers":[])"), kOci), base::Error);
}

TEST_CASE("MED-21 MED-22 what the body and the header say of the type") {
    CHECK_THROWS_AS(Manifest::parse(image(), kIndex), base::IntegrityError);
    CHECK(Manifest::parse(image(), "Application/Vnd.oci.image.manifest.v1+JSON; charset=utf-8")
              .media_type() == kOci);
    CHECK(Manifest::parse(image(), "text/plain", kOci).media_type() == kOci);
    CHECK(Manifest::parse(image(), "").media_type() == kOci);
}

TEST_CASE("MED-24 the schema version is 2") {
    for (const char* version : {"1", "3", "\"2\"", "null"}) {
        std::string bytes = image();
        bytes.replace(bytes.find(":2"), 2, std::string(":") + version);
        CAPTURE(version);
        CHECK_THROWS_AS(Manifest::parse(bytes, kOci), base::Error);
    }
}

TEST_CASE("T-24 MAN-04 documents that break their bounds") {
    CHECK_THROWS_AS(Manifest::parse(std::string(model::kMaxManifestBytes + 1, ' '), kOci),
                    base::Error);
    for (const char* bytes : {"", "{}", "[]", "null", "{\"schemaVersion\":2}", "{\"layers\":{}}"}) {
        CAPTURE(bytes);
        CHECK_THROWS_AS(Manifest::parse(bytes, kOci), base::InvalidDocument);
    }
}

TEST_CASE("MED-17 MED-19 artifacts and unknown fields are read") {
    const Manifest manifest =
        Manifest::parse(R"({"schemaVersion":2,"mediaType":")" + kOci +
                            R"(","artifactType":"application/x","future":{"a":[1]},"config":)" +
                            descriptor("application/vnd.oci.empty.v1+json") +
                            R"(,"layers":[],"subject":)" + descriptor(kOci) + "}",
                        kOci);
    REQUIRE(manifest.image() != nullptr);
    CHECK_FALSE(manifest.image()->is_image());
    CHECK(manifest.image()->artifact_type == "application/x");
    CHECK(manifest.image()->subject);
}

TEST_CASE("MED-25 JSON that two readers could read in two ways is refused") {
    const std::string good = image();
    const std::string twice = image(R"(,"annotations":{"a":"1","a":"2"})");
    const std::string bad_text = image(",\"annotations\":{\"a\":\"\xff\xfe\"}");
    for (const std::string& bytes :
         {twice, bad_text, "\xef\xbb\xbf" + good, good + good, good + "x",
          std::string(good).insert(1, R"("schemaVersion":1,)")}) {
        CAPTURE(bytes);
        CHECK_THROWS_AS(Manifest::parse(bytes, kOci), base::InvalidDocument);
    }
    CHECK_NOTHROW(Manifest::parse(good + " \n", kOci));
}

TEST_CASE("MED-26 an index of nothing and an image without layers are read") {
    const Manifest index = Manifest::parse(R"({"schemaVersion":2,"manifests":[]})", kIndex);
    REQUIRE(index.index() != nullptr);
    CHECK(index.index()->manifests.empty());
    const Manifest empty = Manifest::parse(
        R"({"schemaVersion":2,"config":)" + descriptor("application/vnd.oci.image.config.v1+json") +
            R"(,"layers":[]})",
        kOci);
    REQUIRE(empty.image() != nullptr);
    CHECK(empty.image()->layers.empty());
}

TEST_CASE("MED-32 RFR-08 the type of an artifact is its own, an image's else that of its config") {
    const auto type_of = [](const std::string& bytes, const std::string& type) {
        return Manifest::parse(bytes, type).referrer_descriptor().artifact_type;
    };
    CHECK(type_of(image(R"(,"artifactType":"application/x")"), kOci) == "application/x");
    CHECK(type_of(image(), kOci) == "application/vnd.oci.image.config.v1+json");
    const std::string index = R"({"schemaVersion":2,"manifests":[])";
    CHECK(type_of(index + R"(,"artifactType":"application/y"})", kIndex) == "application/y");
    CHECK(type_of(index + "}", kIndex).empty());
}

TEST_CASE("ANN-01 ANN-02 annotations of any form are read, and the bytes stay") {
    const auto annotations = [](const std::string& text) {
        const std::string bytes = image(",\"annotations\":" + text);
        const Manifest manifest = Manifest::parse(bytes, kOci);
        CHECK(manifest.bytes() == bytes);
        return manifest.image()->annotations;
    };
    CHECK(annotations("{}").empty());
    CHECK(annotations("null").empty());
    CHECK(Manifest::parse(image(), kOci).image()->annotations.empty());
    CHECK(annotations(R"({"a":""})").at("a").empty());
    CHECK(annotations(R"({"a":7,"b":"c"})").at("a") == "(invalid: not a string)");
    CHECK(annotations(R"({"a":7,"b":"c"})").at("b") == "c");
    CHECK_THROWS_AS(annotations("[]"), base::InvalidDocument);
}
