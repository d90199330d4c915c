#include "regtool/base/error.hpp"

#include "support/catch.hpp"

using namespace regtool::base;

TEST_CASE("ERR-09 each kind of error has its exit code") {
    struct Row {
        Error error;
        int code;
    };

    const Row rows[] = {
        {NotFound("x"), 1},
        {UsageError("x"), 2},
        {RegistryError("x"), 3},
        {InvalidDocument("x"), 3},
        {AccessDenied("x"), 4},
        {TransportError(TransportPhase::connect, true, "x"), 5},
        {RegistryError("x", 429), 6},
        {IntegrityError("x"), 7},
        {PreconditionError("x"), 8},
        {PartialFailure(1, 2), 9},
        {IoError("file", "open", 2), 10},
        {Error(ErrorKind::internal, "x"), 70},
        {Cancelled(ErrorKind::timeout), 124},
        {Cancelled(ErrorKind::interrupted), 130},
        {Cancelled(ErrorKind::terminated), 143},
    };
    for (const Row& row : rows) {
        CAPTURE(std::string(to_string(row.error.kind())));
        CHECK(static_cast<int>(row.error.exit_code()) == row.code);
    }
}

TEST_CASE("context is kept in order, the first hint wins, a prefix goes in front") {
    Error error(ErrorKind::registry, "why");
    error.add_context("one").add_context("two").set_hint("first").set_hint("second").prefix("what");
    CHECK(error.message() == "what: why");
    CHECK(error.context() == std::vector<std::string>{"one", "two"});
    CHECK(error.hint() == "first");
}

TEST_CASE("F-22 errors of files name the file and the reason") {
    const IoError error("/some/file", "open", 2);
    CHECK(error.message().find("/some/file") != std::string::npos);
    CHECK(error.message().find("No such file") != std::string::npos);
    CHECK(error.error_number() == 2);
}
