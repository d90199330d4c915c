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
