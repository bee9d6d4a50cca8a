#include "server/store/sqlite/backup_file.h"

#include "server/store/sqlite/database.h"
#include "server/store/sqlite/sqlite_store.h"

namespace stoa {

using sqlite::Database;
using sqlite::Rows;
using sqlite::Statement;

void copyDatabase(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<void()>& goOn)
{
    // Reading, so whoever writes does not wait; into a file of its own, so what was removed stays behind.
    Database database(from.string(), Database::Mode::Read);
    database.interruptibly(goOn, [&] { database.prepare("VACUUM INTO ?").bind(1, to.string()).run(); });
}

void addSmallFiles(const std::filesystem::path& database, const SmallFiles& files)
{
    Database db(database.string(), Database::Mode::Write);
    db.execute("BEGIN IMMEDIATE");
    db.execute("CREATE TABLE folder(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID");
    Statement& insert = db.prepare("INSERT INTO folder VALUES (?, ?)");
    for (const auto& [name, bytes] : files)
        insert.bind(1, name).bindBlob(2, bytes).run();
    db.execute("COMMIT");
}

void removeSmallFiles(const std::filesystem::path& database)
{
    // Its pages too: a key must not stay behind in the free ones.
    Database(database.string(), Database::Mode::Write).execute("PRAGMA secure_delete = ON; DROP TABLE folder");
}

SmallFiles smallFilesOf(const std::filesystem::path& backup)
{
    Database database(backup.string(), Database::Mode::Read);
    bool known = false;
    try {
        Statement& s =
            database.prepare("SELECT count(*) FROM sqlite_master WHERE name IN ('folder', 'organisation', 'record')");
        const Rows rows{s};
        known = s.step() && s.number(0) == 3;
    } catch (const StorageError&) { // not SQLite's file at all, or its first page is damaged
    }
    if (!known)
        throw NoBackup("The file " + backup.string() + " is not a backup that \"stoad backup\" made, or is damaged.");
    requireKnownSchema(database);
    Statement& s = database.prepare("SELECT name, bytes FROM folder");
    const Rows rows{s};
    SmallFiles files;
    while (s.step())
        files.emplace(s.bytes(0), s.bytes(1));
    return files;
}

} // namespace stoa
