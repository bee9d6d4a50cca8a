#pragma once

// Backups: one file with the database as it was at one moment and the small files of the data directory. It is made
// while people work, restored into a new data directory with a new epoch, and can be rehearsed without one.
// A file that bears a backup's name is whole: it is written and checked beside it, and renamed at the end.
// Everything here throws a sentence for the admin: BackupRefused where nothing was altered because it was not to be,
// std::runtime_error where the environment fails.

#include "server/admin/data_folder.h"
#include "server/admin/journal.h"
#include "server/auth/auth.h"
#include "server/engine/engine.h"

namespace stoa {

struct BackupRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct RestoreReport {
    BackupReport backup;
    uint32_t epoch = 0;
    std::filesystem::path journal; // that was replayed; empty: none was found
    ReplayReport replayed;
};

struct RehearsalReport {
    BackupReport backup;
    std::vector<std::string> problems; // sentences; empty: what was restored is what the backup holds
};

// What long work needs of whoever asked for it.
struct LongWork {
    std::function<void(const std::string&)> progress;
    std::function<void()> goOn; // called often, and may throw to stop it
};

// `replace`: also over a file that is there.
BackupReport makeBackup(const DataFolder& folder, const Engine& engine, const std::filesystem::path& file, bool replace,
                        int64_t nowMs, const LongWork& work);

// Into a folder that is missing, empty, or holds a journal, or what an earlier restore left when it was cut off.
// Replays the given journal, which is kept as the organisation's, else the one in the folder, else the one that the
// backup's settings name.
RestoreReport restoreBackup(const std::filesystem::path& file, const DataFolder& folder,
                            const std::filesystem::path& journal, const AuthContext& auth, const LongWork& work);

// Restores into a folder of its own, beside the file where that can be written, and removes it again.
RehearsalReport rehearseRestore(const std::filesystem::path& file, const AuthContext& auth, const LongWork& work);

// "2027-06-30 10:00 UTC"
std::string printMinute(int64_t timeMs);

} // namespace stoa
