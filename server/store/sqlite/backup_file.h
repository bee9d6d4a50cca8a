#pragma once

// A backup: one SQLite file with the database as it was at one moment and, in a table of its own, the small
// files of the data directory that belong to it. Failing storage throws StorageError.

#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

namespace stoa {

// Not a file that this program made as a backup.
struct NoBackup : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using SmallFiles = std::map<std::string, std::string>; // bytes by name

// Copies one consistent view, also while others write, and nothing of what was removed before. `to` is missing or
// empty. `goOn` is called often meanwhile, and may throw to stop it.
void copyDatabase(const std::filesystem::path& from, const std::filesystem::path& to,
                  const std::function<void()>& goOn);

// To a copy that nobody else uses.
void addSmallFiles(const std::filesystem::path& database, const SmallFiles& files);
void removeSmallFiles(const std::filesystem::path& database);

// Throws NoBackup, and StorageError for what a newer version of this program wrote.
SmallFiles smallFilesOf(const std::filesystem::path& backup);

} // namespace stoa
