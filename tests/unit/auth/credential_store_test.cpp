#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "regtool/auth/credentials.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::auth;

namespace {

class Warnings final : public base::Log {
  public:
    void warn(std::string_view message) noexcept override { last = message; }

    void info(std::string_view) noexcept override {}

    void trace(std::string_view) noexcept override {}

    [[nodiscard]] bool tracing() const noexcept override { return false; }

    std::string last;
};

/// A home with a docker config.
class Home {
  public:
    explicit Home(const std::string& config) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "regtool-home-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        std::filesystem::create_directory(folder_ + "/.docker");
        std::ofstream(path()) << config;
        (void)chmod(path().c_str(), 0600);
    }

    ~Home() { std::filesystem::remove_all(folder_); }

    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    Home(Home&&) = delete;
    Home& operator=(Home&&) = delete;

    [[nodiscard]] const std::string& folder() const { return folder_; }

    void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
        const std::filesystem::path path = folder_ + "/" + name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
        (void)chmod(path.c_str(), mode);
    }

    [[nodiscard]] std::string path() const { return folder_ + "/.docker/config.json"; }

    [[nodiscard]] CredentialOptions options() const {
        CredentialOptions options;
        options.environment = [home = folder_](const char* name) -> std::optional<std::string> {
            return std::string_view(name) == "HOME" ? std::optional(home) : std::nullopt;
        };
        return options;
    }

    Warnings log;

    [[nodiscard]] Credentials get(const std::string& repository) {
        return make_credential_store(options(), log)
            ->get(model::Repository::parse(repository), std::stop_token());
    }

  private:
    std::string folder_;
};

}  // namespace

TEST_CASE("CFG-01 credentials of docker's file, and none") {
    Home home(R"({"auths":{"h.test":{"auth":")" + base::base64_encode("u:p") + "\"}}}");
    CHECK(home.get("h.test/r").username == "u");
    CHECK(home.get("h.test/r").source.find("config.json") != std::string::npos);
    CHECK(home.get("other.test/r").anonymous());
    CHECK(home.log.last.empty());
}

TEST_CASE("CFG-03 a broken entry hurts its own host only") {
    Home home(R"({"auths":{"bad.test":{"auth":"!"},"h.test":{"username":"u","password":"p"}}})");
    CHECK(home.get("h.test/r").username == "u");
    CHECK_THROWS_AS(home.get("bad.test/r"), base::UsageError);
}

TEST_CASE("CFG-13 a file that others may read draws a warning") {
    Home home(R"({"auths":{"h.test":{"username":"u","password":"p"}}})");
    (void)chmod(home.path().c_str(), 0644);
    (void)home.get("h.test/r");
    CHECK(home.log.last.find("chmod 600") != std::string::npos);
}

TEST_CASE("CAJ-07 --creds wins over every file") {
    Home home("{ broken");
    CredentialOptions options = home.options();
    options.explicit_credentials = parse_user_password("me:a:b");
    const auto store = make_credential_store(options, home.log);
    CHECK(store->get(model::RegistryHost::parse("h.test"), {}).password.reveal() == "a:b");
}

TEST_CASE("--creds without a user name is a usage error") {
    CHECK_THROWS_AS(parse_user_password(""), base::UsageError);
    CHECK_THROWS_AS(parse_user_password(":p"), base::UsageError);
    CHECK(parse_user_password("u").password.empty());
}

TEST_CASE("MIR-06 T-12 --creds are for the registries that they are meant for") {
    Home home(R"({"auths":{"mirror.test":{"username":"m","password":"p"}}})");
    CredentialOptions options = home.options();
    options.explicit_credentials = parse_user_password("me:a");
    options.explicit_for = [](const model::RegistryHost& host) { return host.str() == "h.test"; };
    const auto store = make_credential_store(options, home.log);
    CHECK(store->get(model::Repository::parse("h.test/r"), {}).username == "me");
    CHECK(store->get(model::Repository::parse("mirror.test/r"), {}).username == "m");
    CHECK(store->get(model::RegistryHost::parse("other.test"), {}).anonymous());
}

TEST_CASE("CAJ-03 the first file with a match wins, entries are not mixed") {
    Home home(R"({"auths":{"h.test":{"username":"docker","password":"p"}}})");
    home.write(".config/containers/auth.json",
               R"({"auths":{"h.test/deep/path":{"username":"podman","password":"p"},)"
               R"("only.test":{"username":"podman","password":"p"}}})");
    CHECK(home.get("h.test/deep/path").username == "docker");
    CHECK(home.get("only.test/x").username == "podman");
}

TEST_CASE("CAJ-05 HLP-12 a helper of the host is asked before the entries, and once") {
    Home home(R"({"auths":{"h.test/r":{"username":"file","password":"p"}},)"
              R"("credHelpers":{"h.test":"count"}})");
    home.write("docker-credential-count",
               "#!/bin/sh\necho x >> \"$(dirname \"$0\")/asked\"\n"
               "echo '{\"Username\":\"helper\",\"Secret\":\"s\"}'\n",
               0755);
    CredentialOptions options = home.options();
    options.environment = [&, old = options.environment](const char* name) {
        return std::string_view(name) == "PATH" ? std::optional(home.folder()) : old(name);
    };
    const auto store = make_credential_store(options, home.log);
    CHECK(store->get(model::Repository::parse("h.test/r"), {}).username == "helper");
    CHECK(store->get(model::Repository::parse("h.test/s"), {}).username == "helper");
    CHECK(store->get(model::RegistryHost::parse("h.test"), {}).username == "helper");
    CHECK(std::filesystem::file_size(home.folder() + "/asked") == 2);
}
