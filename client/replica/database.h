#pragma once

// A thin coat over SQLite, for the replica and for the index beside it. The C interface is used, not Qt Sql
// (docs/decisions): a row costs a third, and ranking runs inside FTS5. One thread uses one Database.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace stoa {

class Database {
public:
    enum class Mode { Write, Read };

    // Damaged, not a database, or of a shape that does not fit: throw the file away.
    struct Damaged : std::runtime_error {
        using std::runtime_error::runtime_error;
    };
    // Anything else that failed, such as a full disk.
    struct Failed : std::runtime_error {
        using std::runtime_error::runtime_error;
    };

    Database(const std::string& path, Mode mode);
    ~Database();
    Database(const Database&) = delete;

    void run(const char* sql);
    int64_t lastRow() const;
    bool inTransaction() const;
    int64_t changedRows() const; // by the last statement that wrote
    sqlite3* handle() const { return handle_; }
    // How much of the log a checkpoint has to write back, as of the last commit. Whoever owns the file decides
    // when: SQLite itself would do it within somebody's commit.
    int logPages() const { return logPages_; }
    // What cannot be written back now, such as on a full disk, stays in the log: nothing has failed.
    void checkpoint();
    [[noreturn]] void fail(int code) const;

private:
    sqlite3* handle_ = nullptr;
    int logPages_ = 0;
};

// A prepared statement, used again and again: bind(), then step() until it says no, or run().
class Statement {
public:
    Statement(const Database& database, const char* sql);
    ~Statement();
    Statement(const Statement&) = delete;

    Statement& bind(int64_t value);
    Statement& bind(std::string_view text);
    Statement& bindBlob(std::string_view bytes);
    Statement& bindNull();
    bool step();
    void run();
    void reset();

    int64_t number(int column) const;
    double real(int column) const;
    // Also of blobs; valid until the next step.
    std::string_view text(int column) const;
    bool isNull(int column) const;

private:
    const Database& database_;
    sqlite3_stmt* statement_ = nullptr;
    int next_ = 1;
};

// A connection with its statements, prepared once and found by the address of their literal. A statement
// that is under way must not be asked for again.
class Connection {
public:
    Connection(const std::string& path, Database::Mode mode) : database_(path, mode) {}

    Statement& operator()(const char* sql);
    Database& database() { return database_; }
    void forgetStatements() { statements_.clear(); }

private:
    Database database_;
    std::unordered_map<const char*, std::unique_ptr<Statement>> statements_;
};

} // namespace stoa
