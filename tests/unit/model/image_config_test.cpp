#include "regtool/model/image_config.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::ImageConfig;

TEST_CASE("DIF-07 optional fields may be absent or null") {
    for (const char* text :
         {"{}", R"({"config":null,"history":null,"rootfs":null,"created":null})",
          R"({"config":{"Env":null,"Cmd":null,"Labels":null,"ExposedPorts":null}})"}) {
        CAPTURE(text);
        const ImageConfig config = ImageConfig::parse(text);
        CHECK(config.env.empty());
        CHECK(config.history.empty());
    }
}

TEST_CASE("what is shown of a configuration") {
    const ImageConfig config = ImageConfig::parse(
        R"({"created":"2024-01-01T00:00:00Z","author":"me","architecture":"arm64","os":"linux",
        "config":{"User":"1000","WorkingDir":"/w","Entrypoint":["/e"],"Cmd":["c"],"Env":["A=b"],
        "ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}},"Labels":{"k":"v"}},
        "rootfs":{"type":"layers","diff_ids":[")" +
        model::Digest::sha256_of("a").str() +
        R"("]},"history":[{"created_by":"x","empty_layer":true},{}]})");
    CHECK(config.platform.architecture == "arm64");
    CHECK(config.exposed_ports == std::vector<std::string>{"80/tcp"});
    CHECK(config.labels.at("k") == "v");
    CHECK(config.diff_ids.size() == 1);
    REQUIRE(config.history.size() == 2);
    CHECK(config.history[0].empty_layer);
    CHECK_FALSE(config.history[1].empty_layer);
}

TEST_CASE("T-24 a configuration of the wrong shape is refused") {
    for (const char* text : {"", "[]", "\"x\"", R"({"config":[]})", R"({"history":{}})",
                             R"({"rootfs":{"diff_ids":["sha256:zz"]}})", R"({"os":7})"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(ImageConfig::parse(text), base::InvalidDocument);
    }
}

TEST_CASE("DIF-03 chain IDs") {
    // image-spec config.md: ChainID(L0|L1) = Digest(ChainID(L0) + " " + DiffID(L1)).
    const auto a = model::Digest::sha256_of("a");
    const auto b = model::Digest::sha256_of("b");
    const auto chain = model::chain_ids({a, b});
    REQUIRE(chain.size() == 2);
    CHECK(chain[0] == a);
    CHECK(chain[1] == model::Digest::sha256_of(a.str() + " " + b.str()));
}
