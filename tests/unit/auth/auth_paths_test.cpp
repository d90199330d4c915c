#include "auth/auth_paths.hpp"

#include <map>

#include "support/catch.hpp"

using namespace regtool::auth;

namespace {

CredentialOptions with(std::map<std::string, std::string> values, std::string authfile = {}) {
    CredentialOptions options;
    options.authfile = std::move(authfile);
    options.environment = [values =
                               std::move(values)](const char* name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
    return options;
}

std::vector<std::string> paths(const CredentialOptions& options) {
    std::vector<std::string> result;
    for (const AuthSource& source : auth_sources(options)) {
        result.push_back(source.path);
    }
    return result;
}

}  // namespace

TEST_CASE("CAJ-01 a named file is the only one") {
    CHECK(paths(with({{"HOME", "/h"}, {"REGISTRY_AUTH_FILE", "/r"}}, "/a")) ==
          std::vector<std::string>{"/a"});
    CHECK(paths(with({{"HOME", "/h"}, {"REGISTRY_AUTH_FILE", "/r"}})) ==
          std::vector<std::string>{"/r"});
}

TEST_CASE("CAJ-02 CAJ-07 CFG-01 CFG-08 the order of places") {
    CHECK(paths(with(
              {{"HOME", "/h"}, {"XDG_RUNTIME_DIR", "/run/u"}, {"DOCKER_AUTH_CONFIG", "{}"}})) ==
          std::vector<std::string>{"DOCKER_AUTH_CONFIG", "/h/.docker/config.json",
                                   "/run/u/containers/auth.json", "/h/.config/containers/auth.json",
                                   "/h/.dockercfg"});
    CHECK(docker_config_path(with({{"HOME", "/h"}, {"DOCKER_CONFIG", "/d"}})) == "/d/config.json");
}
