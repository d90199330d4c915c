#include "cli/copy_names.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;

namespace {

std::optional<std::string> copied(const std::string& name,
                                  const std::string& from,
                                  const std::string& to) {
    return cli::name_of_copied(name, store::parse_location(from), store::parse_location(to));
}

std::vector<std::string> pulled(const std::string& image, const std::string& to, bool alone) {
    return cli::names_of_pulled(image, store::parse_location(to), alone);
}

}  // namespace

TEST_CASE("DAR-05 DAR-08 all tags of a repository are REPO:TAG in a docker-archive") {
    CHECK(copied("v1", "reg.test/team/app", "docker-archive:a.tar") == "reg.test/team/app:v1");
    CHECK(copied("3", "alpine", "docker-archive:a.tar") == "alpine:3");
    CHECK(copied("docker.io/library/app:1", "oci:layout", "docker-archive:a.tar") ==
          "docker.io/library/app:1");
    // A layout that knows the tag alone does not say of what.
    CHECK_THROWS_AS(copied("v1", "oci:layout", "docker-archive:a.tar"), base::UsageError);
}

TEST_CASE("OCL-05 a registry gets tags, a layout the names as they are") {
    CHECK(copied("docker.io/library/app:1", "docker-archive:a.tar", "reg.test/app") == "1");
    CHECK(copied("v1", "oci:layout", "reg.test/app") == "v1");
    CHECK(copied("docker.io/library/app:1", "docker-archive:a.tar", "oci:layout") ==
          "docker.io/library/app:1");
    CHECK(copied("v1", "reg.test/app", "oci:layout") == "v1");
    // An image without a name has no tag.
    CHECK_FALSE(copied("@2", "docker-archive:a.tar", "reg.test/app"));
}

TEST_CASE("DAR-05 what is pulled is called by its tag where that is enough") {
    const std::vector<std::string> whole{"reg.test/app:v1"};
    CHECK(pulled("reg.test/app:v1", "oci:layout", true) == std::vector<std::string>{"v1"});
    CHECK(pulled("reg.test/app:v1", "oci:layout", false) == whole);
    CHECK(pulled("reg.test/app:v1", "docker-archive:a.tar", true) == whole);
    CHECK(pulled("reg.test/app:v1", "dir:flat", true).empty());
    CHECK(pulled("oci:other:v2", "oci:layout", true) == std::vector<std::string>{"v2"});
}
