#include "regtool/model/digest.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::Digest;

namespace {

const std::string kHex(64, 'a');

}  // namespace

TEST_CASE("DIG-01 DIG-02 digests that are taken") {
    for (const std::string& text :
         {"sha256:" + kHex, "sha512:" + std::string(128, '0'), std::string("blake3:abc"),
          std::string("multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"),
          std::string("a_b.c-d+e:x=_-")}) {
        CAPTURE(text);
        const auto digest = Digest::try_parse(text);
        REQUIRE(digest);
        CHECK(digest->str() == text);
    }
}

TEST_CASE("DIG-01 DIG-02 T-04 digests that are refused") {
    for (const std::string& text : {std::string(),
                                    std::string("sha256"),
                                    std::string("sha256:"),
                                    ":" + kHex,
                                    "sha256:" + kHex.substr(1),
                                    "sha256:" + kHex + "a",
                                    "sha256:" + std::string(64, 'A'),
                                    "sha256:" + std::string(64, 'g'),
                                    "SHA256:" + kHex,
                                    "sha512:" + kHex,
                                    std::string("sha256:../../etc/passwd"),
                                    std::string("x:%2e%2e"),
                                    std::string("x:a/b"),
                                    std::string("x:a b"),
                                    std::string("x y:a"),
                                    std::string("+a:b"),
                                    std::string("a+:b"),
                                    std::string("a++b:c"),
                                    std::string("x:a\n"),
                                    "sha256:" + std::string(63, 'a') + "\0"}) {
        CAPTURE(text);
        CHECK_FALSE(Digest::try_parse(text));
        CHECK_THROWS_AS(Digest::parse(text), base::UsageError);
    }
}

TEST_CASE("REF-21 upper-case hex draws a hint and is not lowered") {
    try {
        (void)Digest::parse("sha256:" + std::string(64, 'A'));
        FAIL("nothing was thrown");
    } catch (const base::UsageError& error) {
        CHECK((error.message() + error.hint()).find("lower") != std::string::npos);
    }
}

TEST_CASE("DIG-04 T-49 other algorithms are carried and never verified") {
    for (const char* text :
         {"blake3:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha1:abc", "sha256+b64u:abc"}) {
        CAPTURE(text);
        const Digest digest = Digest::parse(text);
        CHECK_FALSE(digest.verifier());
        CHECK_THROWS_AS(model::require_verifier(digest), base::IntegrityError);
    }
}

TEST_CASE("DIG-13 digests compare as whole text") {
    CHECK(Digest::sha256_of("x") == Digest::sha256_of("x"));
    CHECK(Digest::sha256_of("x") != Digest::of(base::HashAlgorithm::sha512, "x"));
    CHECK(Digest::sha256_of("").str() ==
          "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(Digest::sha256_of("").short_form() == "e3b0c44298fc");
}
