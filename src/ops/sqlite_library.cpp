#include "sqlite_library.hpp"

#include <string>

#include "regtool/base/error.hpp"
#include "regtool/base/shared_library.hpp"

namespace regtool::ops {

namespace {

[[noreturn]] void throw_missing(const std::string& what) {
    base::UsageError error("packages of rpm: " + what);
    error.set_hint(
        "apt-get install libsqlite3-0, or leave them out: --only manifest --only config --only "
        "files");
    throw error;
}

SqliteLibrary load() {
    const base::SharedLibrary library("libsqlite3.so.0");
    if (!library) {
        throw_missing("libsqlite3, which reads their database, is not installed");
    }
    const auto find = [&library](const char* name, auto& function) {
        if (!library.find(name, function)) {
            throw_missing(std::string("this libsqlite3 has no ") + name);
        }
    };
    SqliteLibrary sqlite;
    find("sqlite3_open_v2", sqlite.open);
    find("sqlite3_close", sqlite.close);
    find("sqlite3_deserialize", sqlite.deserialize);
    find("sqlite3_db_config", sqlite.db_config);
    find("sqlite3_limit", sqlite.limit);
    find("sqlite3_set_authorizer", sqlite.set_authorizer);
    find("sqlite3_progress_handler", sqlite.progress_handler);
    find("sqlite3_prepare_v2", sqlite.prepare);
    find("sqlite3_step", sqlite.step);
    find("sqlite3_finalize", sqlite.finalize);
    find("sqlite3_column_blob", sqlite.column_blob);
    find("sqlite3_column_bytes", sqlite.column_bytes);
    find("sqlite3_errmsg", sqlite.errmsg);
    return sqlite;
}

}  // namespace

const SqliteLibrary& load_sqlite() {
    static const SqliteLibrary kLibrary = load();
    return kLibrary;
}

}  // namespace regtool::ops
