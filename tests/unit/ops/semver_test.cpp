#include "regtool/ops/semver.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using ops::Version;
using ops::VersionRange;

TEST_CASE("versions as tags write them") {
    CHECK(Version::parse("v1.2.3")->minor == 2);
    CHECK(Version::parse("1")->major == 1);
    CHECK(Version::parse("1.2.3-rc.1+b")->prerelease == "rc.1");
    for (const char* bad :
         {"", "latest", "1.2.3.4", "1..2", "v", "1.2.x", "-1", "99999999999999999999"}) {
        CAPTURE(bad);
        CHECK_FALSE(Version::parse(bad));
    }
}

TEST_CASE("precedence of semver.org 2.0.0 §11") {
    const char* order[] = {"1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                           "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
                           "1.0.1",        "2.0.0"};
    for (std::size_t i = 1; i < std::size(order); ++i) {
        CAPTURE(order[i]);
        CHECK(*Version::parse(order[i - 1]) < *Version::parse(order[i]));
    }
    CHECK(*Version::parse("1.0.0+a") == *Version::parse("1.0.0+b"));
}

TEST_CASE("ranges") {
    struct Row {
        const char* range;
        const char* version;
        bool inside;
    };

    for (const Row& row :
         {Row{"^1.2", "1.9.0", true}, Row{"^1.2", "2.0.0", false}, Row{"^1.2", "1.1.9", false},
          Row{"^0.2.3", "0.2.9", true}, Row{"^0.2.3", "0.3.0", false}, Row{"~1.4.2", "1.4.9", true},
          Row{"~1.4.2", "1.5.0", false}, Row{">=1.2 <2", "1.2.0", true},
          Row{">=1.2 <2", "2.0.0", false}, Row{"1.x", "1.7.1", true}, Row{"1.x", "2.0.0", false},
          Row{"1.2.3", "1.2.3", true}, Row{"1.2.3", "1.2.4", false},
          Row{"1.0 - 2.0", "1.5.0", true}, Row{"1.x || 3.x", "3.1.0", true},
          Row{"1.x || 3.x", "2.1.0", false}, Row{"^1.2", "1.3.0-rc.1", false},
          Row{">=1.3.0-rc.0", "1.3.0-rc.1", true}}) {
        CAPTURE(row.range, row.version);
        CHECK(VersionRange::parse(row.range).contains(*Version::parse(row.version)) == row.inside);
    }
    for (const char* bad : {"x y", ">>1", "^", "1.2.3.4"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(VersionRange::parse(bad), base::UsageError);
    }
}
