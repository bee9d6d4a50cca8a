#pragma once

// The storage in one SQLite file: WAL, synchronous=FULL. A lock file beside it makes sure that exactly
// one process writes; every snapshot is a read-only connection.

#include <filesystem>
#include <memory>

#include "server/store/store.h"

namespace stoa {

namespace sqlite {
class Database;
}

// Another process works on this data.
struct StoreLocked : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Opens the database, makes it where it is missing. Throws StoreLocked, StorageError.
std::unique_ptr<Store> openSqliteStore(const std::filesystem::path& database);

// Of a file that nobody writes, such as a backup.
std::unique_ptr<Snapshot> openSqliteSnapshot(const std::filesystem::path& database);

// The version of the schema; throws StorageError where it is a newer one than this program's.
int64_t requireKnownSchema(sqlite::Database& database);

} // namespace stoa
