#include "support/rpm_header.hpp"

#include "regtool/base/error.hpp"
#include "regtool/ops/packages.hpp"
#include "support/catch.hpp"

using namespace regtool;
using ops::Package;
using ops::parse_rpm_header;
using test::rpm_package;
using test::RpmHeader;

TEST_CASE("a header of rpm tells name, version with release and epoch, architecture") {
    CHECK(parse_rpm_header(rpm_package("bash", "5.2.26", "3.fc40").finish()) ==
          Package{"bash", "5.2.26-3.fc40", "x86_64"});
    CHECK(parse_rpm_header(rpm_package("shadow", "4.15", "1").number(1003, 2).finish()).version ==
          "2:4.15-1");
    CHECK(parse_rpm_header(RpmHeader().text(1000, "gpg-pubkey").text(1001, "a15b79cc").finish()) ==
          Package{"gpg-pubkey", "a15b79cc", ""});
    // what a later writer put behind does not replace what was signed
    CHECK(parse_rpm_header(rpm_package("a", "1").text(1000, "b").finish()).name == "a");
}

TEST_CASE("headers of rpm that are broken are refused") {
    const std::string good = rpm_package("a", "1").finish();
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_THROWS_AS(parse_rpm_header(good.substr(0, size)), base::InvalidDocument);
    }
    const std::string broken[] = {
        good + "x",
        RpmHeader().finish(),                                           // nothing in it
        RpmHeader().text(1000, "a").finish(),                           // no version
        RpmHeader().text(1000, "").text(1001, "1").finish(),            // no name
        RpmHeader().entry(1000, 6, 1, "a").finish(),                    // no end
        RpmHeader().entry(1000, 8, 1, std::string("a\0", 2)).finish(),  // another type
        RpmHeader().entry(1000, 6, 0, std::string("a\0", 2)).finish(),  // none of it
        RpmHeader().entry_at(2, 1000, 6, 1, std::string("a\0", 2)).finish(),
        RpmHeader().entry_at(0xffffffff, 1000, 6, 1, std::string("a\0", 2)).finish(),
        rpm_package("a", "1").entry(1003, 4, 1, "123").finish(),  // three bytes
        RpmHeader::big_endian(0x10000) + RpmHeader::big_endian(0) + std::string(0x100000, '\0'),
        RpmHeader::big_endian(0) + RpmHeader::big_endian(0xffffffff),
    };
    for (const std::string& header : broken) {
        CAPTURE(header.size());
        CHECK_THROWS_AS(parse_rpm_header(header), base::InvalidDocument);
    }
}
