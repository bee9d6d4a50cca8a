#include "client/replica/database.h"

#include <sqlite3.h>

namespace stoa {

Database::Database(const std::string& path, Mode mode)
{
    const int flags = mode == Mode::Write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    const int code = sqlite3_open_v2(path.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) {
        const std::string why = sqlite3_errstr(code);
        sqlite3_close(handle_);
        handle_ = nullptr;
        throw Failed(why);
    }
    sqlite3_busy_timeout(handle_, 5'000);
    if (mode == Mode::Read)
        return;
    const auto count = [](void* database, sqlite3*, const char*, int pages) {
        static_cast<Database*>(database)->logPages_ = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, count, this);
}

void Database::checkpoint()
{
    logPages_ = 0;
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        fail(code);
}

Database::~Database()
{
    sqlite3_close(handle_);
}

void Database::fail(int code) const
{
    const std::string why = sqlite3_errmsg(handle_);
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
        throw Damaged(why);
    default:
        throw Failed(why);
    }
}

void Database::run(const char* sql)
{
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(code);
}

int64_t Database::lastRow() const
{
    return sqlite3_last_insert_rowid(handle_);
}

bool Database::inTransaction() const
{
    return sqlite3_get_autocommit(handle_) == 0;
}

int64_t Database::changedRows() const
{
    return sqlite3_changes64(handle_);
}

Statement::Statement(const Database& database, const char* sql) : database_(database)
{
    const int code = sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    // The statements are constant: one that does not compile meets a file of another shape.
    if (code == SQLITE_ERROR)
        throw Database::Damaged(sqlite3_errmsg(database.handle()));
    if (code != SQLITE_OK)
        database.fail(code);
}

Statement::~Statement()
{
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(int64_t value)
{
    sqlite3_bind_int64(statement_, next_++, value);
    return *this;
}

Statement& Statement::bind(std::string_view text)
{
    const char* data = text.data() ? text.data() : ""; // a view of nothing is an empty text, not NULL
    sqlite3_bind_text64(statement_, next_++, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bindBlob(std::string_view bytes)
{
    sqlite3_bind_blob64(statement_, next_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bindNull()
{
    sqlite3_bind_null(statement_, next_++);
    return *this;
}

bool Statement::step()
{
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW)
        return true;
    reset();
    if (code != SQLITE_DONE)
        database_.fail(code);
    return false;
}

void Statement::run()
{
    while (step()) {}
}

void Statement::reset()
{
    sqlite3_reset(statement_);
    next_ = 1;
}

int64_t Statement::number(int column) const
{
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const
{
    // SQLite gives an empty text no address, and what has none would be bound again as NULL.
    const void* bytes = sqlite3_column_blob(statement_, column);
    return {bytes ? static_cast<const char*>(bytes) : "", size_t(sqlite3_column_bytes(statement_, column))};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Statement& Connection::operator()(const char* sql)
{
    std::unique_ptr<Statement>& statement = statements_[sql];
    if (!statement)
        statement = std::make_unique<Statement>(database_, sql);
    else
        statement->reset(); // where a reader stopped half-way
    return *statement;
}

} // namespace stoa
