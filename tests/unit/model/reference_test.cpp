#include "regtool/model/reference.hpp"

#include <random>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using model::Reference;

namespace {

const std::string kDigest = "sha256:" + std::string(64, 'b');

struct Row {
    std::string text;
    std::string registry;
    std::string path;
    std::string tag;
};

void check(const Row& row) {
    CAPTURE(row.text);
    const Reference reference = Reference::parse(row.text);
    CHECK(reference.registry().str() == row.registry);
    CHECK(reference.repository().path() == row.path);
    CHECK(reference.tag().value_or("") == row.tag);
}

void refuse(const std::string& text) {
    CAPTURE(text);
    CHECK_THROWS_AS(Reference::parse(text), base::UsageError);
    CHECK_FALSE(Reference::try_parse(text));
}

std::string message_of(const std::string& text) {
    try {
        (void)Reference::parse(text);
    } catch (const base::UsageError& error) {
        return error.message() + " | " + error.hint();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("REF-01 the first part is a domain only if it looks like one") {
    check({"foo/bar", "docker.io", "foo/bar", "latest"});
    check({"foo.com/bar", "foo.com", "bar", "latest"});
    check({"foo:5000/bar", "foo:5000", "bar", "latest"});
    check({"localhost/foo", "localhost", "foo", "latest"});
    check({"Foo/bar", "Foo", "bar", "latest"});
}

TEST_CASE("REF-02 REF-03 names on Docker Hub") {
    check({"alpine", "docker.io", "library/alpine", "latest"});
    check({"docker.io/alpine:3", "docker.io", "library/alpine", "3"});
    check({"index.docker.io/x", "docker.io", "library/x", "latest"});
    check({"library/foo/bar", "docker.io", "library/foo/bar", "latest"});
    check({"quay.io/alpine", "quay.io", "alpine", "latest"});
    check({"test.com:5000", "docker.io", "library/test.com", "5000"});
}

TEST_CASE("REF-04 REF-05 tags and digests") {
    CHECK_FALSE(Reference::parse("x@" + kDigest).tag());
    const Reference both = Reference::parse("x:t@" + kDigest);
    CHECK(both.tag() == "t");
    CHECK(both.selector() == kDigest);
    CHECK(Reference::parse("x").selector() == "latest");
    CHECK(both.str() == "docker.io/library/x:t@" + kDigest);
}

TEST_CASE("REF-06 REF-07 lengths") {
    const std::string longest(255, 'a');
    CHECK(Reference::parse("h.com/" + longest).repository().path() == longest);
    CHECK(message_of("h.com/" + longest + "a").find("long") != std::string::npos);
    CHECK(Reference::try_parse("x:" + std::string(128, 't')));
    refuse("x:" + std::string(129, 't'));
    CHECK(Reference::try_parse("x:_t"));
    refuse("x:.t");
    refuse("x:-t");
}

TEST_CASE("REF-08 upper case in a path draws the lower-case name as a hint") {
    CHECK(message_of("docker.io/Foo").find("docker.io/foo") != std::string::npos);
    CHECK(message_of("foo/Bar").find("lower") != std::string::npos);
    CHECK(Reference::try_parse("lowercase:Uppercase"));
}

TEST_CASE("REF-10 a bare image ID is no name") {
    refuse(std::string(64, 'a'));
    CHECK(Reference::try_parse("docker.io/" + std::string(64, 'a')));
}

TEST_CASE("REF-11 REF-23 IPv6 hosts") {
    check({"[2001:db8::1]/x", "[2001:db8::1]", "x", "latest"});
    check({"[2001:db8::1]:5000/x:t", "[2001:db8::1]:5000", "x", "t"});
    for (const char* bad : {"[2001:db8::1]", "2001:db8::1/x", "[fe80::1%eth0]:5000/x",
                            "[::ffff:192.0.2.1]/x", "[::::]/x", "[abc]/x"}) {
        refuse(bad);
    }
}

TEST_CASE("REF-12 ports and tags are told apart") {
    check({"192.168.0.1:5000/repo:5050", "192.168.0.1:5000", "repo", "5050"});
}

TEST_CASE("REF-13 separators in a path") {
    for (const char* good : {"dock__er", "dock-er", "docker---rules", "a.b_c-d"}) {
        CAPTURE(good);
        CHECK(Reference::try_parse(good));
    }
    for (const char* bad : {"dock..er", "dock_.er", "dock___er", "-docker", "docker-",
                            "docker///docker", "/x", "x/"}) {
        refuse(bad);
    }
}

TEST_CASE("REF-14 digests in a reference are whole") {
    refuse("x@sha256:" + std::string(63, 'a'));
    refuse("x@" + kDigest + "@" + kDigest);
    refuse("x@");
}

TEST_CASE("REF-15 schemes and odd characters") {
    CHECK(Reference::try_parse("docker://alpine"));
    CHECK(message_of("https://host/repo").find("host/repo") != std::string::npos);
    for (const std::string& bad : {std::string("x y"), std::string("x\n"), std::string("x\0y", 3),
                                   std::string("x?y"), std::string("x#y"), std::string("x%41"),
                                   std::string("x\\y"), std::string("\xd0\xb0lpine"),
                                   std::string("a/../b"), std::string(".."), std::string("./x")}) {
        refuse(bad);
    }
}

TEST_CASE("REF-16 REF-22 hosts that break the grammar") {
    for (const char* bad : {"h.com:0/x", "h.com:65536/x", "h.com:000080/x", "-h.com/x", "h-.com/x",
                            "host_x.com/foo", "h..com/x", "h.com:/x", "h.com:port/x"}) {
        refuse(bad);
    }
}

TEST_CASE("REF-09 each defect has words of its own") {
    CHECK(message_of("") != message_of("Foo/Bar"));
    CHECK(message_of("x:.t") != message_of("x@sha256:1"));
    CHECK(message_of("x:.t").find("tag") != std::string::npos);
    CHECK(message_of("x@sha256:1").find("digest") != std::string::npos);
}

TEST_CASE("REF-18 registries and repositories alone") {
    CHECK(model::RegistryHost::parse("h.com:5000").port() == "5000");
    CHECK(model::RegistryHost::parse("[::1]:5000").host() == "::1");
    CHECK_THROWS_AS(model::RegistryHost::parse("h.com/x"), base::UsageError);
    CHECK_THROWS_AS(model::Repository::parse("x:tag"), base::UsageError);
    CHECK_THROWS_AS(model::Repository::parse("x@" + kDigest), base::UsageError);
    CHECK(model::Repository::parse("alpine").str() == "docker.io/library/alpine");
}

TEST_CASE("INS-02 INS-05 only literals of this machine are loopback") {
    for (const char* good : {"localhost", "localhost:5000", "a.localhost", "127.0.0.1:5000",
                             "127.9.9.9", "[::1]:5000"}) {
        CAPTURE(good);
        CHECK(model::RegistryHost::parse(good).is_loopback());
    }
    for (const char* bad :
         {"h.com", "128.0.0.1", "localhost.com", "10.0.0.1", "127.0.0.1.nip.io"}) {
        CAPTURE(bad);
        CHECK_FALSE(model::RegistryHost::parse(bad).is_loopback());
    }
}

TEST_CASE("REF-17 REF-20 whatever parses prints to what parses the same") {
    std::mt19937 random(20240501);  // NOLINT(cert-msc51-cpp): the same strings in every run
    const std::string alphabet = "ab0.:/@_-[]AZ%?\\sha256";
    std::size_t taken = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text;
        const std::size_t length = 1 + random() % 14;
        for (std::size_t j = 0; j < length; ++j) {
            text += alphabet[random() % alphabet.size()];
        }
        const auto reference = Reference::try_parse(text);
        if (!reference) {
            continue;
        }
        ++taken;
        CAPTURE(text);
        REQUIRE(Reference::parse(reference->str()) == *reference);
        REQUIRE(Reference::parse(reference->familiar()) == *reference);
        const std::string& path = reference->repository().path();
        REQUIRE(("/" + path + "/").find("/../") == std::string::npos);
        REQUIRE(path.find("//") == std::string::npos);
        REQUIRE(path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._/-") ==
                std::string::npos);
    }
    CHECK(taken > 1000);
}
