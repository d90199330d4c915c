#include "sqlite_library.hpp"

#include <dlfcn.h>

#include <string>

#include "regtool/base/error.hpp"

namespace regtool::ops {

namespace {

[[noreturn]] void throw_missing(const std::string& what) {
    base::UsageError error("packages of rpm: " + what);
    error.set_hint(
        "apt-get install libsqlite3-0, or leave them out: --only manifest --only config --only "
        "files");
    throw error;
}

template <class Function>
void find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(handle, name));
    if (function == nullptr) {
        throw_missing(std::string("this libsqlite3 has no ") + name);
    }
}

SqliteLibrary load() {
    void* handle = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        throw_missing("libsqlite3, which reads their database, is not installed");
    }
    SqliteLibrary sqlite;
    find(handle, "sqlite3_open_v2", sqlite.open);
    find(handle, "sqlite3_close", sqlite.close);
    find(handle, "sqlite3_deserialize", sqlite.deserialize);
    find(handle, "sqlite3_db_config", sqlite.db_config);
    find(handle, "sqlite3_limit", sqlite.limit);
    find(handle, "sqlite3_set_authorizer", sqlite.set_authorizer);
    find(handle, "sqlite3_progress_handler", sqlite.progress_handler);
    find(handle, "sqlite3_prepare_v2", sqlite.prepare);
    find(handle, "sqlite3_step", sqlite.step);
    find(handle, "sqlite3_finalize", sqlite.finalize);
    find(handle, "sqlite3_column_blob", sqlite.column_blob);
    find(handle, "sqlite3_column_bytes", sqlite.column_bytes);
    find(handle, "sqlite3_errmsg", sqlite.errmsg);
    return sqlite;
}

}  // namespace

const SqliteLibrary& load_sqlite() {
    static const SqliteLibrary kLibrary = load();
    return kLibrary;
}

}  // namespace regtool::ops
