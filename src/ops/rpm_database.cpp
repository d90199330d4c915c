#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "held_bytes.hpp"
#include "regtool/base/error.hpp"
#include "regtool/base/fd.hpp"
#include "regtool/base/text.hpp"
#include "regtool/ops/packages.hpp"
#include "sqlite_library.hpp"

namespace regtool::ops {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;
constexpr int kMaxHeaderBytes = 32 << 20;
// A query over so many rows takes far fewer steps of SQLite's machine; a database made to keep it
// busy does not get more.
constexpr int kStepsAtOnce = 10'000;
constexpr int kMaxStepBlocks = 5'000;

/// Where the SQLite file format says whether there is a write-ahead log.
constexpr std::size_t kWriteFormatByte = 18;
constexpr std::size_t kReadFormatByte = 19;
constexpr std::size_t kFileHeaderBytes = 100;

/// A source's bytes in memory that the system can take back: the pages of an unnamed file.
class MappedContent {
  public:
    explicit MappedContent(stream::Source& content) : file_(base::open_unnamed_file()) {
        std::vector<std::byte> block(kBlockBytes);
        while (const std::size_t got = content.read(block)) {
            size_ += got;
            if (size_ > kMaxRpmDatabaseBytes) {
                throw base::IntegrityError("the database of rpm has more than " +
                                           std::to_string(kMaxRpmDatabaseBytes >> 20) + " MiB");
            }
            base::write_all(file_.get(), std::span(block).first(got), kSpoolName);
        }
        if (size_ == 0) {
            return;
        }
        void* start = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file_.get(), 0);
        if (start == MAP_FAILED) {
            throw base::IoError(kSpoolName, "cannot map", errno);
        }
        start_ = static_cast<unsigned char*>(start);
    }

    ~MappedContent() {
        if (start_ != nullptr) {
            ::munmap(start_, size_);
        }
    }

    MappedContent(const MappedContent&) = delete;
    MappedContent& operator=(const MappedContent&) = delete;
    MappedContent(MappedContent&&) = delete;
    MappedContent& operator=(MappedContent&&) = delete;

    [[nodiscard]] unsigned char* start() const { return start_; }

    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    base::UniqueFd file_;
    unsigned char* start_ = nullptr;
    std::size_t size_ = 0;
};

class Database {
  public:
    explicit Database(const MappedContent& content) : sqlite_(load_sqlite()) {
        // In memory there is no log beside the file, and SQLite refuses a database that wants one.
        content.start()[kWriteFormatByte] = 1;
        content.start()[kReadFormatByte] = 1;
        const auto size = static_cast<sqlite3_int64>(content.size());
        if (sqlite_.open(":memory:", &handle_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
            sqlite_.deserialize(handle_, "main", content.start(), size, size,
                                SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
            close();
            throw std::bad_alloc();
        }
        distrust();
    }

    ~Database() { close(); }

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    Database(Database&&) = delete;
    Database& operator=(Database&&) = delete;

    /// Calls `row` with the first column of each row.
    template <class Row>
    void query(const char* sql, const Row& row) {
        sqlite3_stmt* raw = nullptr;
        const int prepared = sqlite_.prepare(handle_, sql, -1, &raw, nullptr);
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw,
                                                                              sqlite_.finalize);
        if (prepared != SQLITE_OK) {
            fail();
        }
        int code = SQLITE_ROW;
        while ((code = sqlite_.step(raw)) == SQLITE_ROW) {
            const auto* bytes = static_cast<const char*>(sqlite_.column_blob(raw, 0));
            const auto size = static_cast<std::size_t>(sqlite_.column_bytes(raw, 0));
            row(std::string_view(bytes == nullptr ? "" : bytes, bytes == nullptr ? 0 : size));
        }
        if (code != SQLITE_DONE) {
            fail();
        }
    }

  private:
    /// What the schema says may be made to harm: no views, triggers, virtual tables or functions.
    void distrust() {
        for (const int off : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_VIEW,
                              SQLITE_DBCONFIG_ENABLE_TRIGGER}) {
            sqlite_.db_config(handle_, off, 0, nullptr);
        }
        sqlite_.db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite_.limit(handle_, SQLITE_LIMIT_LENGTH, kMaxHeaderBytes);
        sqlite_.set_authorizer(handle_, &Database::authorize, nullptr);
        sqlite_.progress_handler(handle_, kStepsAtOnce, &Database::on_progress, this);
    }

    static int authorize(void* /*self*/,
                         int action,
                         const char* /*object*/,
                         const char* /*column*/,
                         const char* /*database*/,
                         const char* inner) noexcept {
        const bool reads = action == SQLITE_SELECT || action == SQLITE_READ;
        return reads && inner == nullptr ? SQLITE_OK : SQLITE_DENY;
    }

    static int on_progress(void* self) noexcept {
        return ++static_cast<Database*>(self)->step_blocks_ > kMaxStepBlocks ? 1 : 0;
    }

    [[noreturn]] void fail() const {
        throw base::InvalidDocument("the database of rpm cannot be read: " +
                                    base::printable(sqlite_.errmsg(handle_), 200));
    }

    void close() noexcept {
        sqlite_.close(handle_);
        handle_ = nullptr;
    }

    const SqliteLibrary& sqlite_;
    sqlite3* handle_ = nullptr;
    int step_blocks_ = 0;
};

}  // namespace

std::vector<Package> read_rpm_database(stream::Source& database) {
    const MappedContent content(database);
    if (content.size() == 0) {
        return {};  // SQLite's own idea of an empty database
    }
    if (content.size() < kFileHeaderBytes) {
        throw base::InvalidDocument("the database of rpm is cut short");
    }
    Database sqlite(content);
    bool has_table = false;
    // A virtual table has no page of its own.
    sqlite.query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'Packages' AND rootpage > "
        "0",
        [&](std::string_view) { has_table = true; });
    if (!has_table) {
        throw base::InvalidDocument("the database of rpm has no table of packages");
    }
    std::vector<Package> packages;
    sqlite.query("SELECT blob FROM Packages", [&](std::string_view header) {
        if (packages.size() == kMaxPackages) {
            throw base::IntegrityError("package database: more than " +
                                       std::to_string(kMaxPackages) + " packages");
        }
        packages.push_back(parse_rpm_header(header));
    });
    return packages;
}

}  // namespace regtool::ops
