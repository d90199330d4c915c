#include "regtool/model/media_type.hpp"

#include "support/catch.hpp"

using namespace regtool::model;

TEST_CASE("MED-01 MED-02 MED-03 MED-06 MED-07 MED-08 MED-09 kinds of documents") {
    CHECK(kind_of("application/vnd.oci.image.index.v1+json") == MediaKind::index);
    CHECK(kind_of("application/vnd.docker.distribution.manifest.list.v2+json") == MediaKind::index);
    CHECK(kind_of("application/vnd.oci.image.manifest.v1+json") == MediaKind::manifest);
    CHECK(kind_of("application/vnd.docker.distribution.manifest.v2+json") == MediaKind::manifest);
    CHECK(kind_of("application/vnd.oci.image.config.v1+json") == MediaKind::config);
    CHECK(kind_of("application/vnd.docker.container.image.v1+json") == MediaKind::config);
    CHECK(kind_of("application/vnd.oci.empty.v1+json") == MediaKind::empty);
}

TEST_CASE("MED-04 MED-05 MED-10 MED-11 kinds of layers, all of which can be unpacked") {
    const auto check = [](const std::string& type, MediaKind kind) {
        CAPTURE(type);
        CHECK(kind_of(type) == kind);
        CHECK(is_tar_layer(type));
    };
    for (const char* packed : {"", "+gzip", "+zstd"}) {
        check(std::string("application/vnd.oci.image.layer.v1.tar") + packed, MediaKind::layer);
        check(std::string("application/vnd.oci.image.layer.nondistributable.v1.tar") + packed,
              MediaKind::foreign_layer);
    }
    for (const char* packed : {"", ".gzip", ".zstd"}) {
        check(std::string("application/vnd.docker.image.rootfs.diff.tar") + packed,
              MediaKind::layer);
    }
    for (const char* packed : {"", ".gzip"}) {
        check(std::string("application/vnd.docker.image.rootfs.foreign.diff.tar") + packed,
              MediaKind::foreign_layer);
    }
}

TEST_CASE("MED-15 MED-18 anything else is opaque") {
    for (const char* type : {"", "text/plain", "application/vnd.in-toto+json", "x"}) {
        CAPTURE(type);
        CHECK(kind_of(type) == MediaKind::opaque);
    }
    CHECK_FALSE(is_tar_layer("application/vnd.oci.image.layer.v1.tar+gzip+encrypted"));
}

TEST_CASE("MED-21 parameters and letter case do not count") {
    CHECK(essence("Application/JSON; charset=utf-8") == "application/json");
    CHECK(kind_of("Application/Vnd.OCI.image.index.v1+json;q=1") == MediaKind::index);
}

TEST_CASE("MED-33 names of media types") {
    CHECK(is_valid_media_type("application/vnd.example+json"));
    for (const std::string& bad :
         {std::string(), std::string("json"), std::string("a/b/c"), std::string("a/"),
          std::string("/b"), std::string("a b/c"), "a/" + std::string(128, 'x')}) {
        CAPTURE(bad);
        CHECK_FALSE(is_valid_media_type(bad));
    }
}

TEST_CASE("MAN-01 one Accept line, the OCI index first and anything last") {
    const std::string_view accept = manifest_accept_header();
    CHECK(accept.starts_with("application/vnd.oci.image.index.v1+json"));
    CHECK(accept.ends_with("*/*;q=0.1"));
    CHECK(accept.find("application/vnd.docker.distribution.manifest.v2+json") !=
          std::string_view::npos);
}
