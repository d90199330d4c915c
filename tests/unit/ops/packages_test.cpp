#include "regtool/ops/packages.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using ops::Package;

TEST_CASE("dpkg's status: installed packages alone, in any order of fields") {
    const auto packages = ops::parse_dpkg_status(
        "Package: libc6\nStatus: install ok installed\nDescription: text\n Package: no field\n"
        "\tVersion: neither\nArchitecture: amd64\nVersion: 2.36-9\n\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: half\nStatus: install reinstreq half-installed\nVersion: 1\n\n"
        "Package: held\nStatus: hold ok installed\nVersion: 1:3\n\n"
        "Package: unversioned\nStatus: install ok installed\n\n"
        "package: lower\r\nversion: 4\r\n");
    CHECK(packages == std::vector<Package>{
                          {"libc6", "2.36-9", "amd64"}, {"held", "1:3", ""}, {"lower", "4", ""}});
}

TEST_CASE("a file of status.d has no Status") {
    CHECK(ops::parse_dpkg_status("Package: base-files\nVersion: 12.4\nArchitecture: all") ==
          std::vector<Package>{{"base-files", "12.4", "all"}});
    CHECK(ops::parse_dpkg_status("").empty());
    CHECK(ops::parse_dpkg_status("\n\n \n:\nno field\n").empty());
}

TEST_CASE("the status of a real Debian") {
    std::ifstream file("/var/lib/dpkg/status");
    if (!file) {
        return;
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto packages = ops::parse_dpkg_status(text);
    CHECK(packages.size() > 50);
    CHECK(std::any_of(packages.begin(), packages.end(), [](const Package& package) {
        return package.name == "dpkg" && !package.version.empty() && !package.architecture.empty();
    }));
}

TEST_CASE("apk's installed database") {
    CHECK(ops::parse_apk_installed("C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nF:lib\nR:ld.so\n\n"
                                   "P:unversioned\n\nV:1\n\nP:busybox\nV:1.36\nX\n:\n") ==
          std::vector<Package>{{"musl", "1.2.4-r2", "x86_64"}, {"busybox", "1.36", ""}});
}

TEST_CASE("more packages than any image has are refused") {
    std::string text;
    for (std::size_t i = 0; i <= ops::kMaxPackages; ++i) {
        text += "P:a\nV:1\n\n";
    }
    CHECK_THROWS_AS(ops::parse_apk_installed(text), base::IntegrityError);
}
