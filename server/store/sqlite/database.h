#pragma once

// SQLite without its C: a connection, prepared statements that are kept, values in and out. One thread a
// connection. Everything that fails throws StorageError.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "server/store/store.h"

namespace stoa::sqlite {

class Statement {
public:
    Statement(sqlite3* database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int index, int64_t value);
    Statement& bind(int index, std::string_view text);
    Statement& bindBlob(int index, std::string_view bytes);

    bool step(); // whether there is a row
    void run();  // to the end, and ready for the next time
    void reset();

    int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    std::string_view bytes(int column) const;

private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
};

// Resets when it goes, so that a statement never keeps a read open.
struct Rows {
    Statement& statement;
    ~Rows() { statement.reset(); }
};

class Database {
public:
    enum class Mode { Write, Read };

    Database(const std::string& path, Mode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const char* sql);
    // Prepared once, kept by its text, which must live as long as the program.
    Statement& prepare(const char* sql);
    sqlite3* native() { return database_; }
    // How much of the log a checkpoint has to write back, as of the last commit. Whoever owns the file decides
    // when: SQLite itself would do it within somebody's commit.
    int logPages() const { return logPages_; }
    // What cannot be written back now, such as on a full disk, stays in the log: nothing has failed.
    enum class Log { Kept, Emptied };
    void checkpoint(Log log = Log::Kept);
    // It was to be emptied, but somebody still read from it, or the disk was full: every later checkpoint tries again.
    bool mustEmptyLog() const { return mustEmptyLog_; }
    // Does long work; `goOn` is called often meanwhile, and may throw to stop it.
    void interruptibly(const std::function<void()>& goOn, const std::function<void()>& work);

private:
    sqlite3* database_ = nullptr;
    int logPages_ = 0;
    bool mustEmptyLog_ = false;
    std::map<const char*, std::unique_ptr<Statement>> statements_;
};

} // namespace stoa::sqlite
