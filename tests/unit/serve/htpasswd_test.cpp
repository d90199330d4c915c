#include "serve/htpasswd.hpp"

#include "regtool/base/error.hpp"
#include "regtool/base/text.hpp"
#include "support/catch.hpp"

using regtool::serve::Htpasswd;

namespace {

// `htpasswd -Bbn -C 4 alice secret` and `… bob ä:b`
constexpr std::string_view kUsers =
    "# people\n"
    "alice:$2y$04$cwqoRNM1F8IsIe6465egDOiMN60eQW0glvcbm72ab46N7do33GK3q\r\n"
    "\n"
    "bob:$2y$04$xfq5zo9j56ImZrtqpO6CougWjth2GLgjJ8tbsclH0jfQzfCBo74zm\n";

std::string basic(std::string_view user_password) {
    return "Basic " + regtool::base::base64_encode(user_password);
}

}  // namespace

TEST_CASE("BAS-02 users are known by their bcrypt hashes") {
    Htpasswd users = Htpasswd::parse(kUsers, "users");
    for (int i = 0; i < 2; ++i) {  // the second time from memory
        CHECK(users.user_of(basic("alice:secret")) == "alice");
        CHECK(users.user_of(basic("bob:ä:b")) == "bob");
        CHECK_FALSE(users.user_of(basic("alice:wrong")));
        CHECK_FALSE(users.user_of(basic("bob:secret")));
        CHECK_FALSE(users.user_of(basic("carol:secret")));
    }
    CHECK(users.user_of("basic  " + regtool::base::base64_encode("alice:secret")) == "alice");
}

TEST_CASE("BAS-02 headers that carry no user and password") {
    Htpasswd users = Htpasswd::parse(kUsers, "users");
    using namespace std::string_view_literals;
    for (const std::string& header :
         {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic ????"),
          std::string("Bearer x"), basic("alice"), basic(""), basic(":"), basic("alice:"),
          basic("alice:secret\0more"sv), basic("alice\0:secret"sv)}) {
        CHECK_FALSE(users.user_of(header));
    }
}

TEST_CASE("a file that holds anything but bcrypt is refused with the line and the command") {
    for (const char* text :
         {"alice", ":hash", "alice:$apr1$x$y", "alice:plain", "", "# nobody\n"}) {
        try {
            (void)Htpasswd::parse(text, "users");
            FAIL(text);
        } catch (const regtool::base::UsageError& error) {
            CHECK(error.hint().find("htpasswd -B") != std::string::npos);
            CHECK(error.message().find("apr1") == std::string::npos);
        }
    }
}
