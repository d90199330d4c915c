#include "regtool/auth/credential_writer.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::auth;

namespace {

namespace fs = std::filesystem;

const model::RegistryHost kHost = model::RegistryHost::parse("h.test:5000");

Credentials user() {
    Credentials credentials;
    credentials.username = "u";
    credentials.password = base::Secret("p");
    return credentials;
}

CredentialOptions options_for(const fs::path& file) {
    CredentialOptions options;
    options.authfile = file.string();
    options.environment = [](const char*) { return std::nullopt; };
    return options;
}

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

unsigned mode_of(const fs::path& file) {
    struct stat status {};

    REQUIRE(stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("CFG-11 what is not understood is kept, in its order") {
    const test::TempDir dir;
    const fs::path file = dir.put(
        "c.json",
        R"({"zebra":[1,{"x":"\u00e9"}],"auths":{"b.test":{"auth":"dTpw","email":"e"}},"n":12345678901})");
    (void)store_credentials(options_for(file), kHost, user(), {});
    const std::string text = text_of(file);
    CHECK(text.find("\"zebra\"") < text.find("\"auths\""));
    CHECK(text.find("\"b.test\"") < text.find("\"h.test:5000\""));
    CHECK(text.find("\"email\": \"e\"") != std::string::npos);
    CHECK(text.find("12345678901") != std::string::npos);
    CHECK(text.find(base::base64_encode("u:p")) != std::string::npos);
    CHECK(erase_credentials(options_for(file), kHost, {}).changed);
    CHECK(text_of(file).find("h.test") == std::string::npos);
    CHECK_FALSE(erase_credentials(options_for(file), kHost, {}).changed);
}

TEST_CASE("CFG-12 T-43 a private file, as strict as it was, behind a link the target") {
    const test::TempDir dir;
    const fs::path target = dir.put("target.json", "{}");
    fs::permissions(target, fs::perms(0644));
    const fs::path link = target.parent_path() / "link.json";
    fs::create_symlink(target, link);
    (void)store_credentials(options_for(link), kHost, user(), {});
    CHECK(fs::is_symlink(link));
    CHECK(mode_of(target) == 0600);
    CHECK(text_of(target).find("h.test") != std::string::npos);
    fs::permissions(target, fs::perms(0400));
    (void)store_credentials(options_for(target), kHost, user(), {});
    CHECK(mode_of(target) == 0400);
    const fs::path fresh = target.parent_path() / "new/folder/c.json";
    (void)store_credentials(options_for(fresh), kHost, user(), {});
    CHECK(mode_of(fresh) == 0600);
    CHECK(mode_of(fresh.parent_path()) == 0700);
    for (const auto& entry : fs::recursive_directory_iterator(target.parent_path())) {
        CHECK(entry.path().filename().string().find(".regtool-") == std::string::npos);
    }
}

TEST_CASE("CFG-05 ATH-20 an identity token is kept as docker keeps it") {
    const test::TempDir dir;
    const fs::path file = dir.put("c.json", "");
    Credentials credentials;
    credentials.username = "u";
    credentials.identity_token = base::Secret("canary-rt");
    (void)store_credentials(options_for(file), kHost, credentials, {});
    CHECK(text_of(file).find("\"identitytoken\": \"canary-rt\"") != std::string::npos);
    CHECK(text_of(file).find(base::base64_encode("u:")) != std::string::npos);
    base::NullLog log;
    const Credentials read = make_credential_store(options_for(file), log)->get(kHost, {});
    CHECK(read.identity_token.reveal() == "canary-rt");
    CHECK(read.username == "u");
    CHECK(read.password.empty());
}

TEST_CASE("CFG-16 a broken file is not written over") {
    const test::TempDir dir;
    for (const char* text : {"{", "[]", R"({"auths":1})", R"({"a":1,"a":2})"}) {
        CAPTURE(text);
        const fs::path file = dir.put("c.json", text);
        CHECK_THROWS_AS((void)store_credentials(options_for(file), kHost, user(), {}),
                        base::UsageError);
        CHECK(text_of(file) == text);
    }
}
