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
    void checkpoint();
    // What was deleted is in no file any more: the database is written anew, because where rows moved from one page to
    // another the first one still has their bytes in a part that nothing uses, and the log is emptied. Takes time and
    // room for another copy.
    void leaveNoTrace();
    // Not done yet: the disk was full, or somebody still read from the log. Later checkpoints try again.
    bool mustLeaveNoTrace() const { return mustRewrite_ || mustEmptyLog_; }
    // Does long work; `goOn` is called often meanwhile, and may throw to stop it.
    void interruptibly(const std::function<void()>& goOn, const std::function<void()>& work);

private:
    void rewrite();

    sqlite3* database_ = nullptr;
    int logPages_ = 0;
    bool mustRewrite_ = false;
    bool mustEmptyLog_ = false;
    int rewriteAfter_ = 0; // so many more checkpoints: each time it fails twice as many
    int rewritePause_ = 0;
    std::map<const char*, std::unique_ptr<Statement>> statements_;
};

} // namespace stoa::sqlite
