#include "auth/auth_paths.hpp"

#include <pwd.h>
#include <unistd.h>

namespace regtool::auth {

namespace {

std::string value_of(const CredentialOptions& options, const char* name) {
    return options.environment ? options.environment(name).value_or("") : "";
}

std::string home_of(const CredentialOptions& options) {
    std::string home = value_of(options, "HOME");
    if (home.empty()) {
        const passwd* user =
            getpwuid(getuid());  // NOLINT(concurrency-mt-unsafe): called under a lock
        if (user != nullptr && user->pw_dir != nullptr) {
            home = user->pw_dir;
        }
    }
    return home;
}

}  // namespace

std::string docker_config_path(const CredentialOptions& options) {
    const std::string folder = value_of(options, "DOCKER_CONFIG");
    if (!folder.empty()) {
        return folder + "/config.json";
    }
    const std::string home = home_of(options);
    return home.empty() ? "" : home + "/.docker/config.json";
}

std::vector<AuthSource> auth_sources(const CredentialOptions& options) {
    using MustExist = AuthSource::MustExist;
    if (!options.authfile.empty()) {
        return {{options.authfile, "", MustExist::yes}};
    }
    if (const std::string named = value_of(options, "REGISTRY_AUTH_FILE"); !named.empty()) {
        return {{named, "", MustExist::warn}};
    }
    std::vector<AuthSource> sources;
    if (std::string text = value_of(options, "DOCKER_AUTH_CONFIG"); !text.empty()) {
        sources.push_back({"DOCKER_AUTH_CONFIG", std::move(text), MustExist::no});
    }
    const auto add = [&](const std::string& folder, const char* file) {
        if (!folder.empty()) {
            sources.push_back({folder + file, "", MustExist::no});
        }
    };
    if (std::string docker = docker_config_path(options); !docker.empty()) {
        sources.push_back({std::move(docker), "", MustExist::no});
    }
    const std::string runtime = value_of(options, "XDG_RUNTIME_DIR");
    add(runtime.empty() ? "/run/containers/" + std::to_string(getuid()) : runtime + "/containers",
        "/auth.json");
    const std::string home = home_of(options);
    const std::string config = value_of(options, "XDG_CONFIG_HOME");
    add(config.empty() ? (home.empty() ? "" : home + "/.config") : config, "/containers/auth.json");
    add(home, "/.dockercfg");
    return sources;
}

}  // namespace regtool::auth
