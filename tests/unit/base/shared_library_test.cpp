#include "regtool/base/shared_library.hpp"

#include <cstddef>

#include "support/catch.hpp"

using regtool::base::SharedLibrary;

TEST_CASE("a function of a library that is loaded by hand") {
    const SharedLibrary library("libc.so.6");
    REQUIRE(library);
    std::size_t (*length)(const char*) = nullptr;
    REQUIRE(library.find("strlen", length));
    CHECK(length("four") == 4);
    CHECK_FALSE(library.find("no_function_has_this_name", length));
}

TEST_CASE("a library that is not installed") {
    CHECK_FALSE(SharedLibrary("libof-this-name-there-is-none.so.1"));
}
