#include "cli/config_file.hpp"

#include "regtool/base/error.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::cli;

namespace {

std::function<std::optional<std::string>(const char*)> only(std::string name, std::string value) {
    return [name = std::move(name),
            value = std::move(value)](const char* asked) -> std::optional<std::string> {
        return name == asked ? std::optional(value) : std::nullopt;
    };
}

}  // namespace

TEST_CASE("options and hosts of the configuration file") {
    const test::TempDir dir;
    dir.put("regtool/config.toml",
            "jobs = 3\nplain-http = [\"a\", \"b\"]\nquiet = true\n"
            "[host.\"Reg.example:5000\"]\nplain-http = true\nrealms = \"auth.example\"\n"
            "[host.other]\ncacert = \"/ca\"\nallow-private = true\n");
    const ConfigFile file = load_config_file("", only("XDG_CONFIG_HOME", dir.path()));
    CHECK(file.options.at("jobs") == std::vector<std::string>{"3"});
    CHECK(file.options.at("plain-http") == std::vector<std::string>{"a", "b"});
    CHECK(file.options.at("quiet") == std::vector<std::string>{"true"});
    REQUIRE(file.host("reg.example:5000") != nullptr);
    CHECK(file.host("reg.example:5000")->plain_http);
    CHECK(file.host("reg.example:5000")->realms == std::vector<std::string>{"auth.example"});
    CHECK(file.host("reg.example:443") == nullptr);
    REQUIRE(file.host("other:443") != nullptr);
    CHECK(file.host("other:443")->cacert == "/ca");
    CHECK(file.host("other:443")->allow_private);
}

TEST_CASE("without a configuration file nothing is set; a named one must exist") {
    const test::TempDir dir;
    const ConfigFile file = load_config_file("", only("HOME", dir.path()));
    CHECK(file.path.empty());
    CHECK(file.options.empty());
    CHECK_THROWS_AS(load_config_file(dir.path() / "none.toml", only("HOME", "")), base::Error);
}

TEST_CASE("settings of hosts that mean nothing are refused") {
    const test::TempDir dir;
    for (const std::string text :
         {"[host.a]\nplain-htp = true", "[host.a]\nplain-http = 1", "host = 1",
          "[host.\"a/b\"]\nplain-http = true", "[host.a]\ncacert = 1", "[jobs]\na = 1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(load_config_file(dir.put("c.toml", text), only("", "")), base::UsageError);
    }
}
