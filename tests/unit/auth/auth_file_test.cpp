#include "auth/auth_file.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::auth;

namespace {

std::string entry(const std::string& key, const std::string& user) {
    return "\"" + key + R"(":{"auth":")" + base::base64_encode(user + ":p:w") + "\"}";
}

std::string user_for(const std::string& json,
                     const std::string& host,
                     const std::string& path = "") {
    const AuthFile file = parse_auth_file(json, "f");
    const AuthFile::Entry* found = find_entry(file, model::RegistryHost::parse(host), path);
    return found == nullptr ? "(none)" : found->credentials.username;
}

}  // namespace

TEST_CASE("CFG-02 keys in all their spellings") {
    for (const char* key : {"reg.test", "https://reg.test", "http://reg.test/",
                            "https://reg.test/v1/", "https://reg.test/v2/", "reg.test/"}) {
        CAPTURE(key);
        CHECK(user_for("{\"auths\":{" + entry(key, "u") + "}}", "reg.test") == "u");
        CHECK(user_for("{\"auths\":{" + entry(key, "u") + "}}", "reg.test:5000") == "(none)");
        CHECK(user_for("{\"auths\":{" + entry(key, "u") + "}}", "evil.test") == "(none)");
    }
}

TEST_CASE("CFG-02 CAJ-06 Docker Hub's names") {
    for (const char* key :
         {"https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"}) {
        CAPTURE(key);
        CHECK(user_for("{\"auths\":{" + entry(key, "u") + "}}", "docker.io", "library/x") == "u");
    }
    CHECK(credential_key(model::RegistryHost::parse("docker.io")) == "https://index.docker.io/v1/");
    CHECK(credential_key(model::RegistryHost::parse("h:5000")) == "h:5000");
}

TEST_CASE("CAJ-04 the longest path wins, by whole segments") {
    // containers-auth.json(5).
    const std::string json = "{\"auths\":{" + entry("my-registry.io", "host") + "," +
                             entry("my-registry.io/ns", "ns") + "," +
                             entry("my-registry.io/ns/image", "image") + "}}";
    CHECK(user_for(json, "my-registry.io", "ns/image") == "image");
    CHECK(user_for(json, "my-registry.io", "ns/other") == "ns");
    CHECK(user_for(json, "my-registry.io", "nsx/image") == "host");
    CHECK(user_for(json, "my-registry.io", "image") == "host");
}

TEST_CASE("CFG-03 CFG-04 CFG-05 CFG-06 what an entry holds") {
    const AuthFile file = parse_auth_file(
        R"({"auths":{"a":{"auth":")" + base::base64_encode(std::string("u:p\0\0", 5)) +
            R"("},"b":{"username":"x","password":"y"},"c":{"identitytoken":"t"},"d":{},
            "e":{"auth":"!!"},"f":{"registrytoken":"r"},"g":[]}})",
        "f");
    CHECK(file.auths.at("a").credentials.password.reveal() == "p");
    CHECK(file.auths.at("b").credentials.username == "x");
    CHECK(file.auths.at("c").credentials.identity_token.reveal() == "t");
    CHECK(file.auths.at("d").empty);
    CHECK_FALSE(file.auths.at("e").problem.empty());
    CHECK(file.auths.at("f").credentials.registry_token.reveal() == "r");
    CHECK_FALSE(file.auths.at("g").problem.empty());
}

TEST_CASE("CFG-07 which helper is asked") {
    const AuthFile file = parse_auth_file(
        R"({"credsStore":"all","credHelpers":{"a":"one","b":"","https://index.docker.io/v1/":"hub"}})",
        "f");
    CHECK(helper_for(file, model::RegistryHost::parse("a.test")) == "all");
    CHECK(helper_for(parse_auth_file(R"({"credHelpers":{"a.test":"one"}})", "f"),
                     model::RegistryHost::parse("a.test")) == "one");
    CHECK_FALSE(
        helper_for(parse_auth_file(R"({"credsStore":"x","credHelpers":{"a.test":""}})", "f"),
                   model::RegistryHost::parse("a.test")));
    CHECK(helper_for(file, model::RegistryHost::parse("docker.io")) == "hub");
}

TEST_CASE("CFG-01 CFG-16 malformed files name themselves and never their contents") {
    for (const char* text :
         {"{", "[]", R"({"auths":[]})", R"({"auths":{},"auths":{}})", "canary-secret"}) {
        CAPTURE(text);
        try {
            (void)parse_auth_file(text, "/path/config.json");
            FAIL("nothing was thrown");
        } catch (const base::UsageError& error) {
            CHECK(error.message().find("/path/config.json") != std::string::npos);
            CHECK(error.message().find("canary") == std::string::npos);
        }
    }
    CHECK(parse_auth_file("", "f").auths.empty());
}

TEST_CASE("CAJ-08 the old form") {
    CHECK(parse_auth_file("{" + entry("h.test", "u") + "}", "/home/x/.dockercfg").auths.size() ==
          1);
}
