#pragma once

#include <sqlite3.h>

namespace regtool::ops {

/// The functions of libsqlite3 that are used. Loaded by hand: only images with rpm packages need
/// them.
struct SqliteLibrary {
    decltype(&sqlite3_open_v2) open = nullptr;
    decltype(&sqlite3_close) close = nullptr;
    decltype(&sqlite3_deserialize) deserialize = nullptr;
    decltype(&sqlite3_db_config) db_config = nullptr;
    decltype(&sqlite3_limit) limit = nullptr;
    decltype(&sqlite3_set_authorizer) set_authorizer = nullptr;
    decltype(&sqlite3_progress_handler) progress_handler = nullptr;
    decltype(&sqlite3_prepare_v2) prepare = nullptr;
    decltype(&sqlite3_step) step = nullptr;
    decltype(&sqlite3_finalize) finalize = nullptr;
    decltype(&sqlite3_column_blob) column_blob = nullptr;
    decltype(&sqlite3_column_bytes) column_bytes = nullptr;
    decltype(&sqlite3_errmsg) errmsg = nullptr;
};

/// Throws UsageError with a hint where the library is missing. It stays loaded.
[[nodiscard]] const SqliteLibrary& load_sqlite();

}  // namespace regtool::ops
