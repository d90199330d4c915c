#include <sqlite3.h>

#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/ops/packages.hpp"
#include "support/catch.hpp"
#include "support/rpm_header.hpp"
#include "support/temp_dir.hpp"

using namespace regtool;
using ops::Package;
using test::rpm_package;

namespace {

constexpr const char* kTable =
    "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);"
    "CREATE TABLE Name (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);";

/// The bytes of a database that these statements and headers make.
std::string database(const std::string& sql, const std::vector<std::string>& headers = {}) {
    const test::TempDir folder;
    const std::string path = (folder.path() / "rpmdb.sqlite").string();
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
    REQUIRE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    for (const std::string& header : headers) {
        sqlite3_stmt* insert = nullptr;
        REQUIRE(sqlite3_prepare_v2(handle, "INSERT INTO Packages (blob) VALUES (?)", -1, &insert,
                                   nullptr) == SQLITE_OK);
        sqlite3_bind_blob(insert, 1, header.data(), static_cast<int>(header.size()),
                          SQLITE_TRANSIENT);
        REQUIRE(sqlite3_step(insert) == SQLITE_DONE);
        sqlite3_finalize(insert);
    }
    sqlite3_close(handle);
    return base::read_file(path, std::size_t{1} << 30);
}

std::vector<Package> read(const std::string& bytes) {
    stream::StringSource source(bytes);
    return ops::read_packages(ops::PackageManager::rpm, source);
}

}  // namespace

TEST_CASE("the packages of rpm's database, also of one that keeps a write-ahead log") {
    const std::vector<std::string> headers{rpm_package("bash", "5").finish(),
                                           rpm_package("glibc", "2").finish()};
    const std::vector<Package> expected{{"bash", "5-1", "x86_64"}, {"glibc", "2-1", "x86_64"}};
    CHECK(read(database(kTable, headers)) == expected);
    CHECK(read(database(std::string("PRAGMA journal_mode=WAL;") + kTable, headers)) == expected);
    CHECK(read(database(kTable)).empty());
    CHECK(read("").empty());
    CHECK(read(database(kTable, {rpm_package("big", std::string(1 << 20, '1')).finish()}))
              .at(0)
              .version.size() == (1 << 20) + 2);
}

TEST_CASE("a database of rpm that is broken is refused") {
    const std::string good =
        database(kTable, {rpm_package("a", std::string(20'000, '1')).finish()});
    CHECK_THROWS_AS(read("no database"), base::InvalidDocument);
    CHECK_THROWS_AS(read(std::string(4096, 'x')), base::InvalidDocument);
    CHECK_THROWS_AS(read(good.substr(0, good.size() / 2)), base::InvalidDocument);
    CHECK_THROWS_AS(read(database("CREATE TABLE Other (x)")), base::InvalidDocument);
    CHECK_THROWS_AS(read(database(kTable, {"no header"})), base::InvalidDocument);
    std::string spoiled = good;
    std::fill(spoiled.begin() + 4096, spoiled.end(), '\xff');
    CHECK_THROWS_AS(read(spoiled), base::InvalidDocument);
}

TEST_CASE("the schema of rpm's database makes nothing run") {
    // Each would give rows, or run for ever, in a program that takes the schema at its word.
    for (const char* sql : {
             "CREATE TABLE t (blob); CREATE VIEW Packages AS SELECT blob FROM t;",
             "CREATE VIEW Packages AS WITH RECURSIVE r(blob) AS (SELECT 1 UNION ALL SELECT blob + "
             "1 "
             "FROM r) SELECT blob FROM r;",
             "CREATE VIRTUAL TABLE Packages USING fts5(blob);",
             "CREATE TABLE Packages (a, blob GENERATED ALWAYS AS (printf('%*s', 1000000000, '')));"
             "INSERT INTO Packages (a) VALUES (1);",
         }) {
        CAPTURE(sql);
        CHECK_THROWS_AS(read(database(sql)), base::InvalidDocument);
    }
}
