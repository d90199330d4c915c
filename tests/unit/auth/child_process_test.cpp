#include "auth/child_process.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using namespace regtool::auth;
using namespace std::chrono_literals;

TEST_CASE("HLP-02 input goes in, both outputs come back") {
    const ChildResult result = run_child("/bin/cat", "-", base::Secret("hello"), {}, {});
    CHECK(result.exit_code == 0);
    CHECK(result.out == "hello");
}

TEST_CASE("HLP-05 F-33 a child that is slow, loud or missing") {
    ChildLimits limits;
    limits.timeout = 200ms;
    const auto started = std::chrono::steady_clock::now();
    CHECK(run_child("/bin/sleep", "20", {}, limits, {}).timed_out);
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    CHECK(run_child("/usr/bin/yes", "x", {}, {}, {}).too_large);
    CHECK_THROWS_AS(run_child("/nonexistent", "x", {}, {}, {}), base::IoError);
    CHECK(run_child("/bin/false", "x", base::Secret("unread"), {}, {}).exit_code == 1);
}

TEST_CASE("T-34 HLP-11 our own variables are not passed on") {
    setenv("REGTOOL_CREDS", "canary", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    const ChildResult result = run_child("/usr/bin/env", "--", {}, {}, {});
    unsetenv("REGTOOL_CREDS");  // NOLINT(concurrency-mt-unsafe)
    CHECK(result.out.find("PATH=") != std::string::npos);
    CHECK(result.out.find("canary") == std::string::npos);
}

TEST_CASE("T-32 programs are found on absolute folders only") {
    CHECK(find_program("cat", "/nonexistent:/bin:/usr/bin"));
    CHECK_FALSE(find_program("cat", ""));
    CHECK_FALSE(find_program("cat", ".:bin:../bin"));
    CHECK_FALSE(find_program("no-such-program", "/bin:/usr/bin"));
}

TEST_CASE("F-23 a stop ends the wait for a child") {
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(run_child("/bin/sleep", "20", {}, {}, stop.get_token()), base::Cancelled);
}

TEST_CASE("T-34 HLP-11 nor is docker's secret variable, nor any open file") {
    setenv("DOCKER_AUTH_CONFIG", "canary", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    const ChildResult variables = run_child("/usr/bin/env", "--", {}, {}, {});
    unsetenv("DOCKER_AUTH_CONFIG");  // NOLINT(concurrency-mt-unsafe)
    CHECK(variables.out.find("canary") == std::string::npos);
    const base::UniqueFd leaky(open("/etc/passwd", O_RDONLY));  // NOLINT(android-cloexec-open)
    REQUIRE(leaky.valid());
    const ChildResult files = run_child("/bin/ls", "/proc/self/fd", {}, {}, {});
    CHECK(files.exit_code == 0);
    CHECK(std::count(files.out.begin(), files.out.end(), '\n') == 4);  // and that of the folder
}

TEST_CASE("HLP-05 an agent that the helper leaves behind is not waited for") {
    const test::TempDir dir;
    const std::string script = dir.put("helper", "#!/bin/sh\necho done\nsleep 30 &\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    ChildLimits limits;
    limits.timeout = 20s;
    const ChildResult result = run_child(script, "get", {}, limits, {});
    CHECK_FALSE(result.timed_out);
    CHECK(result.exit_code == 0);
    CHECK(result.out == "done\n");
}
