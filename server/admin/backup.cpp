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
#include "server/admin/store_desk.h"
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
    // Durable when it returns. Of the database's other files none is left: SQLite says nothing where it could not take
    // one away.
    void rename(const fs::path& to)
    {
        fs::remove(path_.string() + "-shm");
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

// What the journal held before the copy was begun, by its size and hash.
struct JournalMark {
    size_t bytes = 0;
    Digest hash;
};

std::string print(const BackupReport& report, const JournalMark& journal)
{
    return nlohmann::json({{"made_ms", report.madeMs},
                           {"records", report.records},
                           {"feeds", report.feeds},
                           {"journal_bytes", journal.bytes},
                           {"journal_hash", toHex(journal.hash.str())}})
        .dump();
}

struct OpenedBackup {
    BackupReport report;
    JournalMark journal;
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
    try {
        opened.report = {.madeMs = read.at("made_ms").get<int64_t>(),
                         .records = read.at("records").get<size_t>(),
                         .feeds = read.at("feeds").get<size_t>(),
                         .bytes = fs::file_size(file)};
        opened.journal.bytes = read.at("journal_bytes").get<size_t>();
        const auto hash = fromHex(read.at("journal_hash").get<std::string>());
        opened.journal.hash = Digest::from(hash.value()).value();
    } catch (const nlohmann::json::exception&) {
        throw incomplete;
    } catch (const std::bad_optional_access&) {
        throw incomplete;
    }
    return opened;
}

// The journal to replay; empty where there is none. `own` is where the organisation's will be.
fs::path findJournal(const fs::path& given, const DataFolder& folder, const fs::path& own)
{
    if (!given.empty()) {
        if (!fs::is_regular_file(given))
            throw BackupRefused("There is no journal " + given.string() + ".");
        if (fs::exists(own) && !fs::equivalent(given, own) && readWhole(given) != readWhole(own))
            throw BackupRefused("There is another journal, " + own.string() +
                                ". Please name that one, or move it away.");
        return given;
    }
    for (const fs::path& place : {folder.path / "journal", own}) {
        if (fs::exists(place))
            return place;
    }
    return {};
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
    std::vector<fs::path> small = smallFilesIn(folder);
    small.push_back(folder.path / "lock");
    const bool unfinished = fs::exists(folder.unfinished());
    const fs::path journal = folder.path / "journal";
    for (const auto& entry : fs::directory_iterator(folder.path)) {
        const std::string name = entry.path().filename().string();
        const bool left = unfinished && (std::ranges::find(small, entry.path()) != small.end() ||
                                         name.starts_with(folder.unfinished().filename().string()));
        if (!left && entry.path() != journal)
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

// What a restore does about the journal. A rehearsal leaves it alone.
struct JournalPart {
    fs::path found; // empty: none
    fs::path own;   // where the organisation's will be
};

RestoreReport restoreInto(const fs::path& file, OpenedBackup backup, const DataFolder& folder,
                          const std::optional<JournalPart>& journal, const AuthContext& auth, const LongWork& work)
{
    RestoreReport report{.backup = backup.report};
    const JournalText told = journal ? readJournal(journal->found) : JournalText();
    const bool existed = fs::exists(folder.path);
    prepareFolder(folder);
    const FolderLock lock(folder.path, "Another backup is being restored into " + folder.path.string() + ".");
    removeRestored(folder);
    const bool hadJournal = journal && fs::exists(journal->own);
    Undo undo([&] {
        std::error_code ignored;
        removeRestored(folder);
        if (journal && !hadJournal)
            fs::remove(journal->own, ignored);
        if (!existed)
            fs::remove(folder.path, ignored);
    });

    // First of all, and named as what it is last: until then the folder shows that it is unfinished.
    PartFile part(folder.unfinished());
    work.progress("Copying the database");
    copyDatabase(file, part.path(), work.goOn);
    removeSmallFiles(part.path());
    {
        const auto store = openSqliteStore(part.path());
        // Without a journal: what is replayed stands in it.
        Engine engine(*store, backup.files[folder.sealKey().filename().string()], auth.clock);
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        const CheckReport checked = checkAll(*snapshot, engine, work.progress, work.goOn);
        if (!checked.problems.empty())
            throw BackupRefused("The backup is damaged, and nothing was restored: " + firstOf(checked.problems));
        if (checked.records != backup.report.records)
            throw BackupRefused("The backup is damaged, and nothing was restored: it says that it has " +
                                std::to_string(backup.report.records) + " records, and holds " +
                                std::to_string(checked.records) + ".");
        snapshot->rest();

        report.epoch = std::max(engine.epoch(), told.lastEpoch()) + 1;
        if (journal) {
            report.journal = journal->found;
            if (!hadJournal) {
                fs::create_directories(journal->own.parent_path());
                writeDurably(journal->own, told.bytes);
            }
            FileJournal(journal->own, auth.clock).epochBegun(report.epoch);
        }
        engine.beginEpoch(report.epoch);
        {
            // The folder has none either: this is no older database that was copied back.
            const auto transaction = store->begin();
            transaction->setBoot("");
            transaction->commit();
        }
        const auto desk = makeStoreDesk(folder, *store, engine, directDoors(engine), auth);
        report.replayed = replayJournal(told.after(backup.journal.bytes, backup.journal.hash),
                                        {*desk, auth.clock, auth.random, work.progress, work.goOn});
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
        // Before the copy: what is told of later is done again at a restore, whether the copy has it or not.
        const std::string journal = readJournal(journalFile(folder, readWhole(folder.settings()))).bytes;
        const JournalMark mark{journal.size(), hash128(journal)};
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
        SmallFiles files{{manifestName, print(report, mark)}};
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

RestoreReport restoreBackup(const fs::path& file, const DataFolder& folder, const fs::path& given,
                            const AuthContext& auth, const LongWork& work)
{
    OpenedBackup backup = openBackup(file, folder);
    const fs::path own = journalFile(folder, backup.files[folder.settings().filename().string()]);
    return restoreInto(file, std::move(backup), folder, JournalPart{findJournal(given, folder, own), own}, auth, work);
}

RehearsalReport rehearseRestore(const fs::path& file, const AuthContext& auth, const LongWork& work)
{
    const Scratch scratch(file.parent_path());
    const DataFolder folder{scratch.path / "data"};
    RehearsalReport report{
        .backup = restoreInto(file, openBackup(file, folder), folder, std::nullopt, auth, work).backup, .problems = {}};
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
