#pragma once

// A thin coat over SQLite for the index's own file. SQLite's C interface is used here, not Qt Sql,
// because ranking runs inside FTS5 as an auxiliary function. One thread uses one Database.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

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
    sqlite3* handle() const { return handle_; }
    [[noreturn]] void fail(int code) const;

private:
    sqlite3* handle_ = nullptr;
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
    bool step();
    void run();
    void reset();

    int64_t number(int column) const;
    double real(int column) const;
    std::string_view text(int column) const;

private:
    const Database& database_;
    sqlite3_stmt* statement_ = nullptr;
    int next_ = 1;
};

} // namespace stoa
