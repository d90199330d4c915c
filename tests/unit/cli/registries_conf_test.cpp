#include "cli/registries_conf.hpp"

#include <map>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::cli;
using Serves = registry::Mirror::Serves;

namespace {

RegistriesConf conf_of(const test::TempDir& dir, const std::string& text) {
    RegistriesConf conf;
    conf.add_file(dir.put("registries.conf", text));
    return conf;
}

std::string primary(const RegistriesConf& conf, const std::string& name) {
    return conf.locate(model::Repository::parse(name)).primary.str();
}

}  // namespace

TEST_CASE("MIR-02 the longest prefix of whole segments decides") {
    const test::TempDir dir;
    const RegistriesConf conf = conf_of(dir, R"(
[[registry]]
prefix = "example.com"
location = "one.test"
[[registry]]
prefix = "example.com/foo"
location = "two.test/bar"
[[registry]]
prefix = "*.wild.test"
blocked = true
)");
    CHECK(primary(conf, "example.com/x/y") == "one.test/x/y");
    CHECK(primary(conf, "example.com/foo/img") == "two.test/bar/img");
    CHECK(primary(conf, "example.com/foobar") == "one.test/foobar");
    CHECK(primary(conf, "example.com.evil.test/foo") == "example.com.evil.test/foo");
    CHECK(primary(conf, "wild.test/a") == "wild.test/a");
    CHECK_THROWS_AS(primary(conf, "a.wild.test/x"), base::AccessDenied);
    CHECK_THROWS_AS(primary(conf, "a.b.wild.test/x"), base::AccessDenied);
    CHECK(primary(conf, "notwild.test/x") == "notwild.test/x");
}

TEST_CASE("MIR-03 MIR-04 mirrors come in order, each for what it serves") {
    const test::TempDir dir;
    const RegistriesConf conf = conf_of(dir, R"(
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "m1.test/hub"
insecure = true
[[registry.mirror]]
location = "m2.test"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "m3.test"
pull-from-mirror = "tag-only"
[[registry]]
prefix = "quay.io"
mirror-by-digest-only = true
[[registry.mirror]]
location = "m4.test"
)");
    const auto hub = conf.locate(model::Repository::parse("alpine"));
    REQUIRE(hub.mirrors.size() == 3);
    CHECK(hub.mirrors[0].repository.str() == "m1.test/hub/library/alpine");  // MIR-09
    CHECK(hub.mirrors[0].serves == Serves::everything);
    CHECK(hub.mirrors[1].serves == Serves::digests);
    CHECK(hub.mirrors[2].serves == Serves::tags);
    CHECK(hub.primary.str() == "docker.io/library/alpine");
    CHECK(conf.locate(model::Repository::parse("quay.io/a/b")).mirrors.at(0).serves ==
          Serves::digests);
    CHECK(conf.is_insecure("m1.test:443"));
    CHECK_FALSE(conf.is_insecure("m2.test:443"));
    CHECK_FALSE(conf.is_insecure("registry-1.docker.io:443"));
}

TEST_CASE("MIR-01 which file counts, and in what order") {
    const test::TempDir dir;
    const auto rule = [](const std::string& to) {
        return "[[registry]]\nprefix = \"p.test\"\nlocation = \"" + to + "\"\n";
    };
    const std::string named = dir.put("named.conf", rule("named.test"));
    const std::string variable = dir.put("variable.conf", rule("variable.test"));
    dir.put("home/containers/registries.conf", rule("home.test"));
    std::map<std::string, std::string> variables = {{"XDG_CONFIG_HOME", dir.path() / "home"}};
    const auto environment = [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const auto answer = [&](const std::string& flag) {
        return primary(RegistriesConf::load(flag, environment), "p.test/x");
    };
    CHECK(answer("") == "home.test/x");
    dir.put("home/containers/registries.conf.d/50-b.conf", rule("fifty.test"));
    dir.put("home/containers/registries.conf.d/60-a.conf", rule("sixty.test"));
    dir.put("home/containers/registries.conf.d/70.txt", rule("ignored.test"));
    CHECK(answer("") == "sixty.test/x");
    variables["CONTAINERS_REGISTRIES_CONF"] = variable;
    CHECK(answer("") == "variable.test/x");
    CHECK(answer(named) == "named.test/x");
    variables["CONTAINERS_REGISTRIES_CONF_OVERRIDE"] = dir.put("last.conf", rule("last.test"));
    CHECK(answer(named) == "last.test/x");
    CHECK_THROWS_AS(answer(dir.path() / "missing.conf"), base::Error);
}

TEST_CASE("MIR-01 version 1 and senseless tables are refused, files without registries are not") {
    const test::TempDir dir;
    for (const std::string text :
         {"[registries.search]\nregistries = ['a']", "[[registry]]\nblocked = true",
          "[registry]\nlocation = \"a.test\"",
          "[[registry]]\nlocation = \"a.test\"\ninsecure = \"yes\"",
          "[[registry]]\nlocation = \"a.test\"\n[[registry.mirror]]\ninsecure = true",
          "[[registry]]\nlocation = \"a.test\"\n[[registry.mirror]]\nlocation = \"m.test\"\n"
          "pull-from-mirror = \"sometimes\"",
          "[[registry]\nlocation = 1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(conf_of(dir, text), base::UsageError);
    }
    CHECK(conf_of(dir,
                  "# [[registry]]\nunqualified-search-registries = ['x']\n"
                  "[aliases]\n\"registry\" = \"docker.io/library/registry\"\n")
              .empty());
    CHECK_FALSE(conf_of(dir, "registry = [{location = \"a.test\"}]\n").empty());
}
