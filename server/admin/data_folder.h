#pragma once

// The data directory: what lies where, and the small file that `init` writes for `serve`.
// Everything here throws std::runtime_error with a sentence for the admin.

#include <filesystem>
#include <stdexcept>

#include "shared/domain/invite_link.h"

namespace stoa {

// Not a directory for this; nothing was altered.
struct FolderRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct DataFolder {
    std::filesystem::path path;

    std::filesystem::path database() const { return path / "stoa.db"; }
    std::filesystem::path settings() const { return path / "server.json"; }
    std::filesystem::path sealKey() const { return path / "seal.key"; }
    // Ids of which the database has one: of its last start, and of one that was under way.
    std::filesystem::path boot() const { return path / "boot"; }
    // What a copy that differs was noticed by (docs/reliability.md).
    std::filesystem::path blackBoxes() const { return path / "blackbox"; }
    // The database of a restore that is not finished.
    std::filesystem::path unfinished() const { return path / "stoa.db.part"; }
};

// Held while it lives, by one process at a time and one holder in it; let go by the system if the process is killed.
class FolderLock {
public:
    // Throws FolderRefused with this sentence where somebody else holds it.
    FolderLock(const std::filesystem::path& folder, const std::string& taken);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int folder_;
};

// Makes the directory (mode 0700) where it is missing. Refuses one that already holds anything.
void makeDataFolder(const DataFolder& folder);
// Refuses what is not a data directory.
void requireDataFolder(const DataFolder& folder);

// Where the making of an organisation was cut off: what to do.
std::string unfinishedSentence(const DataFolder& folder);

// On the disk when these return. A file is readable by its owner only.
void writeDurably(const std::filesystem::path& file, std::string_view bytes);
void syncToDisk(const std::filesystem::path& fileOrFolder);
std::string readWhole(const std::filesystem::path& file);

// `journalFolder`: empty where the journal lies in the data directory.
void writeSettings(const DataFolder& folder, const ServerAddress& address, const std::string& journalFolder);
// Where the journal is, as the settings say.
std::filesystem::path journalFile(const DataFolder& folder, const std::string& settings);
ServerAddress readSettings(const DataFolder& folder);

} // namespace stoa
