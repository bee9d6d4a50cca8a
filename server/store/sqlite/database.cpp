#include "server/store/sqlite/database.h"

namespace stoa::sqlite {

namespace {

constexpr int busyMs = 10'000;
constexpr int rewritePauseMax = 256; // checkpoints
constexpr int emptyingMs = 50;       // that everybody else waits for those who read from the log

[[noreturn]] void failed(sqlite3* database)
{
    throw StorageError(std::string("The database failed: ") + sqlite3_errmsg(database) + ".");
}

} // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database)
{
    if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_,
                           nullptr) != SQLITE_OK)
        failed(database);
}

Statement::~Statement()
{
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(int index, int64_t value)
{
    sqlite3_bind_int64(statement_, index, value);
    return *this;
}

Statement& Statement::bind(int index, std::string_view text)
{
    sqlite3_bind_text64(statement_, index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bindBlob(int index, std::string_view bytes)
{
    sqlite3_bind_blob64(statement_, index, bytes.data() ? bytes.data() : "", bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

bool Statement::step()
{
    const int got = sqlite3_step(statement_);
    if (got != SQLITE_ROW && got != SQLITE_DONE) {
        sqlite3_reset(statement_);
        failed(database_);
    }
    return got == SQLITE_ROW;
}

void Statement::run()
{
    step();
    reset();
}

void Statement::reset()
{
    sqlite3_reset(statement_);
}

std::string_view Statement::bytes(int column) const
{
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(const std::string& path, Mode mode)
{
    const int flags = mode == Mode::Write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(path.c_str(), &database_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
        const std::string why = database_ ? sqlite3_errmsg(database_) : "there is no memory";
        sqlite3_close(database_);
        throw StorageError("The database " + path + " cannot be opened: " + why + ".");
    }
    sqlite3_busy_timeout(database_, busyMs);
    if (mode == Mode::Read)
        return;
    const auto count = [](void* database, sqlite3*, const char*, int pages) {
        static_cast<Database*>(database)->logPages_ = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(database_, count, this);
}

void Database::leaveNoTrace()
{
    mustRewrite_ = mustEmptyLog_ = true;
    rewriteAfter_ = rewritePause_ = 0;
    checkpoint();
}

void Database::rewrite()
{
    if (--rewriteAfter_ > 0)
        return;
    const int code = sqlite3_exec(database_, "VACUUM", nullptr, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        failed(database_);
    mustRewrite_ = code != SQLITE_OK;
    rewritePause_ = std::min(2 * std::max(rewritePause_, 1), rewritePauseMax);
    rewriteAfter_ = rewritePause_;
}

void Database::checkpoint()
{
    if (mustRewrite_)
        rewrite();
    logPages_ = 0;
    const int mode = mustEmptyLog_ ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    sqlite3_busy_timeout(database_, emptyingMs);
    const int code = sqlite3_wal_checkpoint_v2(database_, nullptr, mode, nullptr, nullptr);
    sqlite3_busy_timeout(database_, busyMs);
    mustEmptyLog_ = mustEmptyLog_ && code != SQLITE_OK;
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
        failed(database_);
}

void Database::interruptibly(const std::function<void()>& goOn, const std::function<void()>& work)
{
    struct Watch {
        const std::function<void()>& goOn;
        std::exception_ptr thrown; // must not pass through SQLite, which is C
    } watch{goOn, {}};
    constexpr int steps = 100'000;
    sqlite3_progress_handler(
        database_, steps,
        [](void* data) {
            auto& asked = *static_cast<Watch*>(data);
            try {
                asked.goOn();
            } catch (...) {
                asked.thrown = std::current_exception();
            }
            return asked.thrown ? 1 : 0;
        },
        &watch);
    const std::shared_ptr<void> unwatch(nullptr,
                                        [this](void*) { sqlite3_progress_handler(database_, 0, nullptr, nullptr); });
    try {
        work();
    } catch (const StorageError&) {
        if (watch.thrown)
            std::rethrow_exception(watch.thrown);
        throw;
    }
}

Database::~Database()
{
    statements_.clear();
    sqlite3_close(database_);
}

void Database::execute(const char* sql)
{
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        failed(database_);
}

Statement& Database::prepare(const char* sql)
{
    auto& statement = statements_[sql];
    if (!statement)
        statement = std::make_unique<Statement>(database_, sql);
    return *statement;
}

} // namespace stoa::sqlite
