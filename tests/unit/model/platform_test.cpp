#include "regtool/model/platform.hpp"

#include "regtool/base/error.hpp"
#include "regtool/model/manifest.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::match_rank;
using model::Platform;

TEST_CASE("PLT-01 PLT-02 PLT-03 platforms as typed") {
    struct Row {
        const char* text;
        const char* shown;
    };

    for (const Row& row : {Row{"linux/amd64", "linux/amd64"}, Row{"linux/x86_64", "linux/amd64"},
                           Row{"linux/arm64", "linux/arm64"}, Row{"linux/aarch64", "linux/arm64"},
                           Row{"linux/arm", "linux/arm/v7"}, Row{"linux/arm/v6", "linux/arm/v6"},
                           Row{"Linux/AMD64", "linux/amd64"},
                           Row{"windows/amd64:10.0.17763", "windows(10.0.17763)/amd64"},
                           Row{"windows(+win32k)/amd64", "windows(+win32k)/amd64"}}) {
        CAPTURE(row.text);
        CHECK(Platform::parse(row.text).normalized().str() == row.shown);
    }
    CHECK(Platform::parse("amd64").os == Platform::host().os);
    for (const char* bad : {"", "/", "linux/", "linux/amd64/v1/x/y", "li nux/amd64", "///",
                            "linux/amd64:x/a", "windows(1+)/amd64", "windows(1 2)/amd64"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(Platform::parse(bad), base::UsageError);
    }
}

TEST_CASE("PLT-04 PLT-05 exact first, then the best compatible one") {
    const auto rank = [](const char* wanted, const char* offered) {
        return match_rank(Platform::parse(wanted), Platform::parse(offered));
    };
    CHECK(rank("linux/amd64", "linux/amd64") == 0);
    CHECK(rank("linux/arm64", "linux/arm64/v8") == 0);
    CHECK_FALSE(rank("linux/amd64", "linux/arm64"));
    CHECK_FALSE(rank("linux/amd64", "windows/amd64"));
    CHECK_FALSE(rank("linux/arm/v6", "linux/arm/v7"));
    REQUIRE(rank("linux/arm/v7", "linux/arm/v6"));
    CHECK(*rank("linux/arm/v7", "linux/arm/v7") < *rank("linux/arm/v7", "linux/arm/v6"));
}

TEST_CASE("PLT-08 what an entry needs of the system must be asked for") {
    const auto fits = [](const char* wanted, const char* offered) {
        return match_rank(Platform::parse(wanted), Platform::parse(offered)).has_value();
    };
    CHECK(fits("windows(10.0.17763.1+win32k)/amd64", "windows(10.0.17763.1+win32k)/amd64"));
    CHECK(fits("windows(+win32k+other)/amd64", "windows(10.0.17763.1+win32k)/amd64"));
    CHECK(fits("windows(+win32k)/amd64", "windows/amd64"));
    CHECK_FALSE(fits("windows/amd64", "windows(+win32k)/amd64"));
    CHECK_FALSE(fits("windows(+other)/amd64", "windows(10.0.17763.1+win32k)/amd64"));
    // As it is offered it can be asked for.
    CHECK(Platform::parse("windows(+win32k)/amd64").str() == "windows(+win32k)/amd64");
}

TEST_CASE("PLT-07 MED-29 attestations and unknown platforms are never chosen") {
    const auto entry = [](const char* os, const char* arch, bool attestation) {
        model::Descriptor descriptor{.media_type = "application/vnd.oci.image.manifest.v1+json",
                                     .digest = model::Digest::sha256_of(std::string(os) + arch),
                                     .size = 1,
                                     .platform = Platform{os, arch, "", "", {}},
                                     .annotations = {},
                                     .artifact_type = {},
                                     .urls = {},
                                     .data = std::nullopt};
        if (attestation) {
            descriptor.annotations["vnd.docker.reference.type"] = "attestation-manifest";
        }
        return descriptor;
    };
    model::IndexManifest index;
    index.manifests = {entry("unknown", "unknown", true), entry("linux", "amd64", false),
                       entry("linux", "arm64", false)};
    const model::Descriptor* chosen = select_platform(index, Platform::parse("linux/arm64"));
    REQUIRE(chosen != nullptr);
    CHECK(chosen->digest == index.manifests[2].digest);
    CHECK(select_platform(index, Platform::parse("linux/s390x")) == nullptr);
    CHECK(offered_platforms(index) == "linux/amd64, linux/arm64");
}
