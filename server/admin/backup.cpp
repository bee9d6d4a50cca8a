#include "server/admin/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include <nlohmann/json.hpp>

#include "server/admin/check.h"
#include "server/net/certificate.h"
#include "server/store/sqlite/backup_file.h"
#include "server/store/sqlite/sqlite_store.h"

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr const char* manifestName = "backup.json"; // among the small files: what the backup is

// What lies beside the database and belongs to it.
std::vector<fs::path> smallFilesIn(const DataFolder& folder)
{
    const CertificateFiles certificate = certificateFiles(folder.path);
    return {folder.settings(), folder.sealKey(), certificate.certificate, certificate.key};
}

void removeDatabase(const fs::path& database)
{
    std::error_code ignored;
    for (const char* suffix : {"", "-journal", "-wal", "-shm"})
        fs::remove(database.string() + suffix, ignored);
}

// A database under a temporary name. It goes with this unless it was given its own name.
class PartFile {
public:
    explicit PartFile(fs::path path) : path_(std::move(path))
    {
        removeDatabase(path_);
        writeDurably(path_, "");
    }
    ~PartFile()
    {
        if (!named_)
            removeDatabase(path_);
    }
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    const fs::path& path() const { return path_; }
    // Durable when it returns.
    void rename(const fs::path& to)
    {
        syncToDisk(path_);
        fs::rename(path_, to);
        named_ = true;
        syncToDisk(to.parent_path());
    }

private:
    fs::path path_;
    bool named_ = false;
};

// Takes away what it is told of, unless what was done is to stay.
class Undo {
public:
    explicit Undo(std::function<void()> undo) : undo_(std::move(undo)) {}
    ~Undo()
    {
        if (undo_)
            undo_();
    }
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    void keep() { undo_ = {}; }

private:
    std::function<void()> undo_;
};

std::string firstOf(const std::vector<std::string>& problems)
{
    return problems.front() + (problems.size() > 1 ? " (and " + std::to_string(problems.size() - 1) + " more)" : "");
}

void requireTarget(const DataFolder& folder, const fs::path& file, bool replace)
{
    std::error_code failed;
    const fs::path parent = file.parent_path();
    if (!fs::is_directory(parent, failed))
        throw BackupRefused("There is no directory " + parent.string() + " that the server's account can reach.");
    for (fs::path above = fs::weakly_canonical(parent, failed); above != above.root_path();
         above = above.parent_path()) {
        if (fs::equivalent(above, folder.path, failed))
            throw BackupRefused("A backup does not belong into the data directory. Please choose a place on another "
                                "disk.");
    }
    if (fs::is_directory(file, failed))
        throw BackupRefused(file.string() + " is a directory. Please name a file.");
    if (!replace && fs::exists(fs::symlink_status(file, failed)))
        throw BackupRefused("The file " + file.string() + " is there already. Please choose another name, or --force.");
}

std::string print(const BackupReport& report)
{
    return nlohmann::json({{"made_ms", report.madeMs}, {"records", report.records}, {"feeds", report.feeds}}).dump();
}

struct OpenedBackup {
    BackupReport report;
    SmallFiles files;
};

OpenedBackup openBackup(const fs::path& file, const DataFolder& folder)
{
    std::error_code failed;
    if (!fs::is_regular_file(file, failed))
        throw BackupRefused("There is no file " + file.string() + ".");
    OpenedBackup opened;
    opened.files = smallFilesOf(file);
    const NoBackup incomplete("The file " + file.string() + " is not a whole backup: a part of it is missing.");
    for (const fs::path& wanted : smallFilesIn(folder)) {
        if (!opened.files.contains(wanted.filename().string()))
            throw incomplete;
    }
    const auto read = nlohmann::json::parse(opened.files[manifestName], nullptr, false);
    if (!read.is_object())
        throw incomplete;
    opened.report = {.madeMs = read.value("made_ms", int64_t{0}),
                     .records = read.value("records", size_t{0}),
                     .feeds = read.value("feeds", size_t{0}),
                     .bytes = fs::file_size(file)};
    return opened;
}

// Makes the folder where it is missing, and empties it of what an earlier restore left.
void prepareFolder(const DataFolder& folder)
{
    if (!fs::exists(folder.path)) {
        makeDataFolder(folder);
        return;
    }
    if (fs::exists(folder.database()))
        throw BackupRefused("The directory " + folder.path.string() +
                            " holds an organisation already. Please choose another one, or move it away.");
    std::vector<fs::path> left = smallFilesIn(folder);
    left.push_back(folder.path / "lock");
    const bool unfinished = fs::exists(folder.unfinished());
    for (const auto& entry : fs::directory_iterator(folder.path)) {
        const std::string name = entry.path().filename().string();
        const bool ours = unfinished && (std::ranges::find(left, entry.path()) != left.end() ||
                                         name.starts_with(folder.unfinished().filename().string()));
        if (!ours)
            throw BackupRefused("The directory " + folder.path.string() + " holds something else (" + name +
                                "). Please choose another one, or move it away.");
    }
}

void removeRestored(const DataFolder& folder)
{
    std::error_code ignored;
    removeDatabase(folder.unfinished());
    for (const fs::path& file : smallFilesIn(folder))
        fs::remove(file, ignored);
    fs::remove(folder.path / "lock", ignored);
}

// A directory that goes with this.
struct Scratch {
    explicit Scratch(const fs::path& beside)
    {
        for (const fs::path& parent : {beside, fs::temp_directory_path()}) {
            std::string name = (parent / "stoad-rehearsal-XXXXXX").string();
            if (::mkdtemp(name.data()) != nullptr) {
                path = name;
                return;
            }
        }
        throw std::runtime_error(std::string("No directory can be made to restore into: ") + std::strerror(errno) +
                                 ".");
    }
    ~Scratch()
    {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    fs::path path;
};

std::map<std::string, RawFeed> feedsIn(const fs::path& database)
{
    const auto snapshot = openSqliteSnapshot(database);
    snapshot->refresh();
    std::map<std::string, RawFeed> feeds;
    for (RawFeed& feed : snapshot->rawFeeds())
        feeds.emplace(feed.key, std::move(feed));
    return feeds;
}

} // namespace

std::string printMinute(int64_t timeMs)
{
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds(timeMs)};
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<minutes>(time - day));
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(clock.hours().count()), int(clock.minutes().count()));
    return text;
}

BackupReport makeBackup(const DataFolder& folder, const Engine& engine, const fs::path& file, bool replace,
                        int64_t nowMs, const LongWork& work)
{
    const FolderLock lock(folder.path, "Another backup of this data is being made. Please wait until it has ended.");
    requireTarget(folder, file, replace);
    BackupReport report{.madeMs = nowMs};
    try {
        PartFile part(file.string() + ".part");
        work.progress("Copying the database");
        copyDatabase(folder.database(), part.path(), work.goOn);
        {
            const auto snapshot = openSqliteSnapshot(part.path());
            snapshot->refresh();
            const CheckReport checked = checkAll(*snapshot, engine, work.progress, work.goOn);
            if (!checked.problems.empty())
                throw BackupRefused("The database is not sound, so no backup was made: " + firstOf(checked.problems) +
                                    " \"stoad check\" tells all.");
            report.records = checked.records;
            report.feeds = checked.feeds;
        }
        SmallFiles files{{manifestName, print(report)}};
        for (const fs::path& path : smallFilesIn(folder))
            files.emplace(path.filename().string(), readWhole(path));
        addSmallFiles(part.path(), files);
        report.bytes = fs::file_size(part.path());
        requireTarget(folder, file, replace);
        part.rename(file);
    } catch (const StorageError& error) {
        throw std::runtime_error("The backup could not be made, and nothing is left of it. " +
                                 std::string(error.what()));
    }
    return report;
}

RestoreReport restoreBackup(const fs::path& file, const DataFolder& folder, const WallClock& clock,
                            const LongWork& work)
{
    OpenedBackup backup = openBackup(file, folder);
    const bool existed = fs::exists(folder.path);
    prepareFolder(folder);
    const FolderLock lock(folder.path, "Another backup is being restored into " + folder.path.string() + ".");
    removeRestored(folder);
    Undo undo([&] {
        removeRestored(folder);
        std::error_code ignored;
        if (!existed)
            fs::remove(folder.path, ignored);
    });

    // First of all, and named as what it is last: until then the folder shows that it is unfinished.
    PartFile part(folder.unfinished());
    work.progress("Copying the database");
    copyDatabase(file, part.path(), work.goOn);
    removeSmallFiles(part.path());
    RestoreReport report{.backup = backup.report};
    {
        const auto store = openSqliteStore(part.path());
        const Engine engine(*store, backup.files[folder.sealKey().filename().string()], clock);
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        const CheckReport checked = checkAll(*snapshot, engine, work.progress, work.goOn);
        if (!checked.problems.empty())
            throw BackupRefused("The backup is damaged, and nothing was restored: " + firstOf(checked.problems));
        if (checked.records != backup.report.records)
            throw BackupRefused("The backup is damaged, and nothing was restored: it says that it has " +
                                std::to_string(backup.report.records) + " records, and holds " +
                                std::to_string(checked.records) + ".");
        report.epoch = snapshot->epoch() + 1;
        const auto transaction = store->begin();
        transaction->beginEpoch(report.epoch);
        transaction->commit();
        snapshot->rest();
        store->checkpoint();
    }
    // The file alone is given its name.
    if (fs::exists(part.path().string() + "-wal"))
        throw std::runtime_error("The restored database could not be written as one file. Is the disk full?");
    for (const fs::path& path : smallFilesIn(folder))
        writeDurably(path, backup.files[path.filename().string()]);
    part.rename(folder.database());
    undo.keep();
    return report;
}

RehearsalReport rehearseRestore(const fs::path& file, const WallClock& clock, const LongWork& work)
{
    const Scratch scratch(file.parent_path());
    const DataFolder folder{scratch.path / "data"};
    RehearsalReport report{.backup = restoreBackup(file, folder, clock, work).backup, .problems = {}};
    work.progress("Comparing every feed");
    const auto wanted = feedsIn(file);
    const auto restored = feedsIn(folder.database());
    for (const auto& [key, feed] : wanted) {
        const auto found = restored.find(key);
        if (found == restored.end())
            report.problems.push_back("Feed " + toHex(key) + " is missing.");
        else if (found->second.digest != feed.digest || found->second.records != feed.records ||
                 found->second.head != feed.head)
            report.problems.push_back("Feed " + toHex(key) + " is not what the backup holds.");
    }
    if (restored.size() > wanted.size())
        report.problems.push_back("There are feeds that the backup does not hold.");
    return report;
}

} // namespace stoa
