#pragma once

// Takes a SQLite database back to an earlier state while its connections stay open: opening them and preparing their
// statements costs more than most inputs do. All that was written since lies in the log, behind the end that the
// log's index told then; so the index is put back (https://www.sqlite.org/walformat.html, "The WAL-Index File
// Format"), and each connection notices with its next transaction. None may be open meanwhile, and nothing may have
// been written back from the log.

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "shared/base/assert.h"

namespace stoa::test {

class Rewind {
public:
    // To the state of now.
    explicit Rewind(const std::filesystem::path& database)
    {
        sqlite3* opened = nullptr;
        STOA_ASSERT(sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
        connection_.reset(opened);
        // Its first read finds the index.
        STOA_ASSERT(sqlite3_exec(opened, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_file* file = nullptr;
        STOA_ASSERT(sqlite3_file_control(opened, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK);
        void volatile* index = nullptr;
        STOA_ASSERT(file->pMethods->xShmMap(file, 0, indexBytes, 0, &index) == SQLITE_OK && index != nullptr);
        index_ = const_cast<char*>(static_cast<char volatile*>(index));
        then_.assign(index_, indexBytes);
    }

    void operator()()
    {
        STOA_ASSERT(std::memcmp(index_ + writtenBackAt, then_.data() + writtenBackAt, sizeof(uint32_t)) == 0);
        std::memcpy(index_, then_.data(), indexBytes);
    }

private:
    static constexpr size_t writtenBackAt = 96; // how many frames of the log were
    static constexpr int indexBytes = 32 * 1024;

    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close(connection); }
    };
    std::unique_ptr<sqlite3, Close> connection_;
    char* index_ = nullptr; // of the memory that all connections share
    std::string then_;
};

} // namespace stoa::test
