#include "regtool/store/transport.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using store::parse_location;
using store::Transport;

TEST_CASE("OCL-05 the parts of a local IMAGE") {
    const std::string digest = model::Digest::sha256_of("x").str();
    const auto plain = parse_location("oci:some/dir");
    CHECK(plain.transport == Transport::layout);
    CHECK(plain.path == "some/dir");
    CHECK_FALSE(plain.name);

    const auto named = parse_location("oci:dir:docker.io/library/alpine:3");
    CHECK(named.path == "dir");
    CHECK(named.name == "docker.io/library/alpine:3");
    CHECK(named.str() == "oci:dir:docker.io/library/alpine:3");
    CHECK(named.place() == "oci:dir");

    const auto pinned = parse_location("oci-archive:f.tar@" + digest);
    CHECK(pinned.path == "f.tar");
    CHECK(pinned.digest->str() == digest);
    CHECK(pinned.str() == "oci-archive:f.tar@" + digest);
    CHECK(parse_location("oci:dir:v1@" + digest).name == "v1");

    CHECK(parse_location("docker-archive:-:alpine:3").is_stream());
    CHECK(parse_location("docker-archive:f.tar:@2").position == 2);
    CHECK(parse_location("docker-archive:f.tar:@2").str() == "docker-archive:f.tar:@2");
    CHECK(parse_location("dir:a:b").path == "a:b");
}

TEST_CASE("REF-01 all else is a registry's") {
    for (const char* image : {"alpine", "docker://oci:v1", "localhost:5000/oci:v1", "ocix:dir"}) {
        CHECK(parse_location(image).transport == Transport::registry);
        CHECK(parse_location(image).place() == image);
    }
}

TEST_CASE("REF-09 a local IMAGE that names nothing") {
    for (const char* image :
         {"oci:", "oci::v1", "oci:dir:", "docker-archive:", "dir:", "oci:dir@sha256:1234"}) {
        CAPTURE(image);
        CHECK_THROWS_AS(parse_location(image), base::UsageError);
    }
}

TEST_CASE("OCL-07 the names that layouts can have") {
    for (const char* name : {"v1", "1.2-rc1", "docker.io/library/alpine:3", "a--b", "a@b", "a+b"}) {
        CAPTURE(name);
        CHECK(store::is_valid_layout_name(name));
    }
    for (const char* name : {"", "-a", "a-", "a..b", "a/", "/a", "a b", "a---b", "a_/b", "\n"}) {
        CAPTURE(name);
        CHECK_FALSE(store::is_valid_layout_name(name));
    }
}
