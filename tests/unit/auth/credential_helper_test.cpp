#include "auth/credential_helper.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "regtool/base/error.hpp"
#include "support/catch.hpp"

using namespace regtool;
using namespace regtool::auth;

namespace {

/// A helper program "docker-credential-test" that is a shell script.
class Helper {
  public:
    explicit Helper(const std::string& script) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "regtool-hlp-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        const std::string path = folder_ + "/docker-credential-test";
        std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
        (void)chmod(path.c_str(), 0755);
    }

    ~Helper() { std::filesystem::remove_all(folder_); }

    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;
    Helper(Helper&&) = delete;
    Helper& operator=(Helper&&) = delete;

    [[nodiscard]] CredentialHelper open() const {
        return {"test", [path = folder_](const char* name) -> std::optional<std::string> {
                    return std::string_view(name) == "PATH" ? std::optional(path) : std::nullopt;
                }};
    }

    [[nodiscard]] std::optional<Credentials> get(const std::string& server = "h:5000") const {
        return open().get(server, {});
    }

    [[nodiscard]] std::string folder() const { return folder_; }

  private:
    std::string folder_;
};

}  // namespace

TEST_CASE("HLP-01 T-32 names that are no helper's") {
    for (const char* name : {"", "../x", "x;id", "-v", ".x", "a b", "a/b"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(CredentialHelper(name, {}), base::AccessDenied);
    }
    CHECK_THROWS_AS(CredentialHelper(std::string(300, 'x'), {}), base::AccessDenied);
}

TEST_CASE("HLP-02 HLP-07 a helper is asked for the server") {
    const Helper helper(
        R"(read server; printf '{"ServerURL":"%s","Username":"u","Secret":"%s"}' "$server" "$1")");
    const auto credentials = helper.get();
    REQUIRE(credentials);
    CHECK(credentials->username == "u");
    CHECK(credentials->password.reveal() == "get");
}

TEST_CASE("HLP-06 the user <token> holds an identity token") {
    const Helper helper(R"(echo '{"Username":"<token>","Secret":"t"}')");
    CHECK(helper.get()->identity_token.reveal() == "t");
    CHECK(helper.get()->password.empty());
}

TEST_CASE("HLP-04 not found is no error") {
    CHECK_FALSE(Helper("echo 'credentials not found in native keychain'; exit 1").get());
}

TEST_CASE("HLP-05 HLP-08 HLP-10 F-33 other failures are") {
    for (const char* script :
         {"exit 1", "kill -9 $$", "echo nonsense", "echo '[]'", "echo 'vault locked' >&2; exit 3",
          R"(echo '{"ServerURL":"evil.test","Username":"u","Secret":"s"}')",
          "head -c 100000 /dev/zero"}) {
        CAPTURE(script);
        CHECK_THROWS_AS(Helper(script).get(), base::AccessDenied);
    }
    CHECK_THROWS_AS(Helper("echo '{}'").get("h\nx"), base::AccessDenied);
}

TEST_CASE("HLP-05 a helper that is not there") {
    const Helper helper("true");
    const CredentialHelper missing("absent",
                                   [](const char*) { return std::optional<std::string>("/"); });
    CHECK_THROWS_AS(missing.get("h", {}), base::AccessDenied);
}

TEST_CASE("HLP-03 store and erase") {
    const Helper helper(R"(cat > "$(dirname "$0")/$1")");
    Credentials credentials;
    credentials.username = "u";
    credentials.password = base::Secret("p");
    helper.open().store("h", credentials, {});
    std::ifstream stored(helper.folder() + "/store");
    std::string text;
    std::getline(stored, text);
    CHECK(text == R"({"ServerURL":"h","Username":"u","Secret":"p"})");
    CHECK(helper.open().erase("h", {}));
}

TEST_CASE("HLP-09 what looks like an answer is never repeated in an error") {
    const auto words = [](const std::string& script) {
        try {
            (void)Helper(script).get();
        } catch (const base::AccessDenied& error) {
            return error.context().empty() ? std::string() : error.context().front();
        }
        return std::string("nothing was thrown");
    };
    CHECK(words(R"(echo '{"Username":"u","Secret":"canary-p"}'; exit 1)").empty());
    // The protocol has error messages on stdout.
    CHECK(words("echo 'pass not initialized'; exit 1") == "it said: pass not initialized");
    CHECK(words("echo 'x' ; printf 'bad \\033[31m news' >&2; exit 1").find('\033') ==
          std::string::npos);
}

TEST_CASE("HLP-13 a helper that keeps half a login") {
    try {
        (void)Helper("echo 'no credentials username'; exit 1").get();
        FAIL("nothing was thrown");
    } catch (const base::AccessDenied& error) {
        CHECK(error.hint().find("log in again") != std::string::npos);
    }
}
