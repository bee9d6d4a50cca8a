#include "server/store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <unordered_map>

#include "server/store/sqlite/database.h"
#include "server/store/sqlite/proposals.h"
#include "server/store/sqlite/revisions.h"
#include "shared/base/plant.h"

namespace stoa {

namespace {

using sqlite::Database;
using sqlite::Proposals;
using sqlite::Revisions;
using sqlite::Rows;
using sqlite::Statement;

constexpr int schemaVersion = 6;
constexpr int logPagesMax = 12'000; // 48 MiB of 4 KiB pages
constexpr int logPagesAtRest = 500; // less is not worth a disk's attention
constexpr int64_t pastMax = 1024;   // seals of superseded versions of a feed; a few more until they are looked through
constexpr uint64_t pastLookedThroughEvery = 256; // numbers of a feed

constexpr const char* schema = R"(
CREATE TABLE organisation(id BLOB NOT NULL, epoch INTEGER NOT NULL);
CREATE TABLE feed(
    feed INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, head INTEGER NOT NULL, digest BLOB NOT NULL,
    records INTEGER NOT NULL, oldest_tombstone INTEGER NOT NULL);
CREATE TABLE record(
    record INTEGER PRIMARY KEY, feed INTEGER NOT NULL, number INTEGER NOT NULL, id BLOB NOT NULL,
    thing INTEGER NOT NULL, deleted INTEGER NOT NULL, seal BLOB NOT NULL, bytes BLOB NOT NULL);
CREATE UNIQUE INDEX record_by_id ON record(id, feed);
CREATE UNIQUE INDEX record_by_number ON record(feed, number);
CREATE INDEX record_by_thing ON record(thing, id) WHERE thing IN (16, 17, 18, 19);
CREATE TABLE accepted(change BLOB PRIMARY KEY, person BLOB NOT NULL, hash BLOB NOT NULL, effects BLOB NOT NULL)
    WITHOUT ROWID;
CREATE TABLE login(login TEXT PRIMARY KEY, person BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE password(person BLOB PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE device(token BLOB PRIMARY KEY, id BLOB NOT NULL, person BLOB NOT NULL, name TEXT NOT NULL,
    made_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE invitation(code BLOB PRIMARY KEY, person BLOB NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE try(key TEXT NOT NULL, time_ms INTEGER NOT NULL);
CREATE INDEX try_by_key ON try(key, time_ms);
)";

// began: the head with which each epoch after the first began, of every feed that was there.
// handed: what replicas handed back after a restore; `bytes` of what waits for the admin.
constexpr const char* restoring = R"(
ALTER TABLE organisation ADD COLUMN boot BLOB NOT NULL DEFAULT x'';
CREATE TABLE began(feed INTEGER NOT NULL, epoch INTEGER NOT NULL, head INTEGER NOT NULL, PRIMARY KEY(feed, epoch))
    WITHOUT ROWID;
CREATE TABLE handed(feed INTEGER NOT NULL, id BLOB NOT NULL, number INTEGER NOT NULL, stored_as INTEGER NOT NULL,
    person BLOB NOT NULL, time_ms INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(feed, id)) WITHOUT ROWID;
CREATE INDEX handed_waiting ON handed(time_ms) WHERE length(bytes) > 0;
)";

// past: the seals of what was superseded last, so that a number tells which version had it.
constexpr const char* superseded = R"(
CREATE TABLE past(feed INTEGER NOT NULL, number INTEGER NOT NULL, seal BLOB NOT NULL, PRIMARY KEY(feed, number))
    WITHOUT ROWID;
)";

Id idOf(std::string_view raw)
{
    const auto id = Id::from(raw);
    if (!id)
        throw StorageError("The database holds an id that is none. Please run \"stoad check\".");
    return *id;
}

// The reads that snapshots and the transaction share.
class Reads {
public:
    explicit Reads(Database& database) : db_(database) {}

    std::optional<Located> find(const Id& id) const
    {
        // An id may lie in two feeds after a move: what lives counts. (An ORDER BY with LIMIT would build a table.)
        Statement& s =
            db_.prepare("SELECT f.key, r.bytes, r.deleted FROM record r JOIN feed f USING (feed) WHERE r.id = ?");
        const Rows rows{s.bindBlob(1, id.view())};
        std::optional<Located> found;
        while (s.step()) {
            const bool lives = s.number(2) == 0;
            if (lives || !found)
                found = located(s);
            if (lives)
                break;
        }
        return found;
    }
    bool loginExists(std::string_view login) const { return personByLogin(login).has_value(); }

    std::optional<Id> personByLogin(std::string_view login) const
    {
        Statement& s = db_.prepare("SELECT person FROM login WHERE login = ?");
        const Rows rows{s.bind(1, login)};
        return s.step() ? std::optional(idOf(s.bytes(0))) : std::nullopt;
    }
    std::string passwordHash(const Id& person) const
    {
        Statement& s = db_.prepare("SELECT hash FROM password WHERE person = ?");
        const Rows rows{s.bindBlob(1, person.view())};
        return s.step() ? std::string(s.bytes(0)) : std::string();
    }
    std::optional<Device> deviceByToken(std::string_view tokenHash) const
    {
        Statement& s = db_.prepare("SELECT id, person, name, made_ms FROM device WHERE token = ?");
        const Rows rows{s.bindBlob(1, tokenHash)};
        if (!s.step())
            return std::nullopt;
        return Device{idOf(s.bytes(0)), idOf(s.bytes(1)), std::string(s.bytes(2)), s.number(3)};
    }
    std::optional<StoredInvitation> invitation(std::string_view codeHash) const
    {
        Statement& s = db_.prepare("SELECT person, expires_ms FROM invitation WHERE code = ?");
        const Rows rows{s.bindBlob(1, codeHash)};
        return s.step() ? std::optional(StoredInvitation{idOf(s.bytes(0)), s.number(1)}) : std::nullopt;
    }
    Tries tries(std::string_view key, int64_t sinceMs) const
    {
        Statement& s = db_.prepare("SELECT count(*), min(time_ms) FROM try WHERE key = ? AND time_ms > ?");
        const Rows rows{s.bind(1, key).bind(2, sinceMs)};
        s.step();
        return {s.number(0), s.number(1)};
    }
    FeedState feedState(const Feed& feed) const
    {
        Statement& s = db_.prepare("SELECT key, head, digest, records, oldest_tombstone, "
                                   "(SELECT min(head) FROM began b WHERE b.feed = feed.feed) FROM feed WHERE key = ?");
        const Rows rows{s.bindBlob(1, feed.key())};
        return s.step() ? state(s) : FeedState{.feed = feed};
    }
    std::vector<FeedState> feeds() const
    {
        Statement& s = db_.prepare("SELECT key, head, digest, records, oldest_tombstone, "
                                   "(SELECT min(head) FROM began b WHERE b.feed = feed.feed) FROM feed");
        const Rows rows{s};
        std::vector<FeedState> found;
        while (s.step())
            found.push_back(state(s));
        return found;
    }
    std::optional<AcceptedChange> acceptedChange(const Id& change) const
    {
        Statement& s = db_.prepare("SELECT person, hash, effects FROM accepted WHERE change = ?");
        const Rows rows{s.bindBlob(1, change.view())};
        if (!s.step())
            return std::nullopt;
        return AcceptedChange{idOf(s.bytes(0)), *Digest::from(s.bytes(1)), std::string(s.bytes(2))};
    }
    std::string sealAt(const Feed& feed, uint64_t number) const
    {
        Statement& s = db_.prepare("SELECT seal FROM record WHERE feed = (SELECT feed FROM feed WHERE key = ?1) AND "
                                   "number = ?2 UNION ALL SELECT seal FROM past WHERE feed = "
                                   "(SELECT feed FROM feed WHERE key = ?1) AND number = ?2");
        const Rows rows{s.bindBlob(1, feed.key()).bind(2, static_cast<int64_t>(number))};
        return s.step() ? std::string(s.bytes(0)) : std::string();
    }
    uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const
    {
        Statement& s = db_.prepare("SELECT min(head) FROM began WHERE feed = (SELECT feed FROM feed WHERE key = ?) "
                                   "AND epoch > ?");
        const Rows rows{s.bindBlob(1, feed.key()).bind(2, int64_t{epoch})};
        return s.step() ? static_cast<uint64_t>(s.number(0)) : 0;
    }
    std::pair<Id, uint32_t> organisation() const
    {
        Statement& s = db_.prepare("SELECT id, epoch FROM organisation");
        const Rows rows{s};
        return s.step() ? std::pair(idOf(s.bytes(0)), static_cast<uint32_t>(s.number(1))) : std::pair(Id{}, 1u);
    }
    std::vector<StoredVersion> versionsAfter(const Feed& feed, uint64_t after, uint64_t tombstonesAfter,
                                             size_t bytesMax) const
    {
        Statement& s = db_.prepare(
            "SELECT number, id, deleted, seal, bytes FROM record WHERE feed = "
            "(SELECT feed FROM feed WHERE key = ?) AND number > ? AND (deleted = 0 OR number > ?) ORDER BY number");
        const Rows rows{s.bindBlob(1, feed.key())
                            .bind(2, static_cast<int64_t>(after))
                            .bind(3, static_cast<int64_t>(tombstonesAfter))};
        std::vector<StoredVersion> found;
        for (size_t bytes = 0; bytes < bytesMax && s.step();) {
            found.push_back({static_cast<uint64_t>(s.number(0)), idOf(s.bytes(1)), s.number(2) != 0,
                             std::string(s.bytes(3)), std::string(s.bytes(4))});
            bytes += found.back().bytes.size() + 64;
        }
        return found;
    }
    std::vector<Located> all(v1::Record::ThingCase kind) const
    {
        Statement& s = db_.prepare("SELECT f.key, r.bytes FROM record r JOIN feed f USING (feed) "
                                   "WHERE r.thing = ? AND r.thing IN (16, 17, 18, 19) AND r.deleted = 0 ORDER BY r.id");
        const Rows rows{s.bind(1, int64_t{kind})};
        std::vector<Located> found;
        while (s.step())
            found.push_back(located(s));
        return found;
    }

private:
    static Located located(const Statement& s)
    {
        const auto feed = Feed::from(s.bytes(0));
        auto record = std::make_shared<v1::Record>();
        const std::string_view bytes = s.bytes(1);
        if (!feed || !record->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            throw StorageError("The database holds a record that cannot be read. Please run \"stoad check\".");
        return {*feed, std::move(record)};
    }
    static FeedState state(const Statement& s)
    {
        const auto feed = Feed::from(s.bytes(0));
        const auto digest = Digest::from(s.bytes(2));
        if (!feed || !digest)
            throw StorageError("The database holds a feed that cannot be read. Please run \"stoad check\".");
        return {*feed,
                static_cast<uint64_t>(s.number(1)),
                *digest,
                static_cast<uint64_t>(s.number(3)),
                static_cast<uint64_t>(s.number(4)),
                static_cast<uint64_t>(s.number(5))};
    }

    Database& db_;
};

// From the columns key, id, number, stored_as, person, time_ms, bytes.
HandedVersion handedVersion(const Statement& s)
{
    const auto feed = Feed::from(s.bytes(0));
    if (!feed)
        throw StorageError("The database holds a feed that cannot be read. Please run \"stoad check\".");
    return {*feed,
            idOf(s.bytes(1)),
            static_cast<uint64_t>(s.number(2)),
            static_cast<uint64_t>(s.number(3)),
            idOf(s.bytes(4)),
            s.number(5),
            std::string(s.bytes(6))};
}

class SqliteSnapshot : public Snapshot {
public:
    explicit SqliteSnapshot(const std::string& path) : db_(path, Database::Mode::Read), reads_(db_), revisions_(db_)
    {
        db_.execute("PRAGMA mmap_size = 268435456");
    }

    void refresh() override
    {
        rest();
        db_.prepare("BEGIN").run();
        // The view is taken by the first read, not by BEGIN.
        static_cast<void>(reads_.organisation());
    }
    void rest() override
    {
        if (sqlite3_get_autocommit(db_.native()) == 0)
            db_.prepare("COMMIT").run();
    }
    std::optional<Located> find(const Id& id) const override { return reads_.find(id); }
    bool loginExists(std::string_view login) const override { return reads_.loginExists(login); }
    std::optional<Id> personByLogin(std::string_view login) const override { return reads_.personByLogin(login); }
    std::string passwordHash(const Id& person) const override { return reads_.passwordHash(person); }
    std::optional<Device> deviceByToken(std::string_view hash) const override { return reads_.deviceByToken(hash); }
    std::optional<StoredInvitation> invitation(std::string_view hash) const override { return reads_.invitation(hash); }
    Tries tries(std::string_view key, int64_t sinceMs) const override { return reads_.tries(key, sinceMs); }
    Id organisation() const override { return reads_.organisation().first; }
    uint32_t epoch() const override { return reads_.organisation().second; }
    std::string boot() const override
    {
        Statement& s = db_.prepare("SELECT boot FROM organisation");
        const Rows rows{s};
        return s.step() ? std::string(s.bytes(0)) : std::string();
    }
    std::vector<HandedVersion> notTaken() const override
    {
        Statement& s =
            db_.prepare("SELECT f.key, h.id, h.number, h.stored_as, h.person, h.time_ms, h.bytes "
                        "FROM handed h JOIN feed f USING (feed) WHERE length(h.bytes) > 0 ORDER BY h.time_ms");
        const Rows rows{s};
        std::vector<HandedVersion> found;
        while (s.step())
            found.push_back(handedVersion(s));
        return found;
    }
    FeedState feedState(const Feed& feed) const override { return reads_.feedState(feed); }
    std::vector<FeedState> feeds() const override { return reads_.feeds(); }
    std::vector<StoredVersion> versionsAfter(const Feed& feed, uint64_t after, uint64_t tombstonesAfter,
                                             size_t bytesMax) const override
    {
        return reads_.versionsAfter(feed, after, tombstonesAfter, bytesMax);
    }
    std::vector<Located> all(v1::Record::ThingCase kind) const override { return reads_.all(kind); }
    std::optional<AcceptedChange> acceptedChange(const Id& change) const override
    {
        return reads_.acceptedChange(change);
    }
    std::string sealAt(const Feed& feed, uint64_t number) const override { return reads_.sealAt(feed, number); }
    uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const override
    {
        return reads_.inheritedAfter(feed, epoch);
    }
    std::vector<v1::Revision> revisionsAfter(const Id& post, uint64_t after, size_t bytesMax) const override
    {
        return revisions_.after(post, after, bytesMax);
    }
    std::optional<v1::Revision> revision(const Id& post, uint64_t revision) const override
    {
        return revisions_.find(post, revision);
    }
    std::vector<v1::Revision> revisionsUpTo(const Id& post, uint64_t upto, size_t countMax,
                                            size_t bytesMax) const override
    {
        return revisions_.upTo(post, upto, countMax, bytesMax);
    }
    std::vector<Publication> unpublished() const override { return revisions_.unpublished(); }
    std::vector<OpenProposal> openProposals() const override { return Proposals(db_).all(); }
    std::vector<Device> devices() const override
    {
        Statement& s = db_.prepare("SELECT id, person, name, made_ms FROM device ORDER BY person, made_ms, id");
        const Rows rows{s};
        std::vector<Device> found;
        while (s.step())
            found.push_back({idOf(s.bytes(0)), idOf(s.bytes(1)), std::string(s.bytes(2)), s.number(3)});
        return found;
    }
    std::vector<std::string> integrityProblems(const std::function<void()>& goOn) const override
    {
        std::vector<std::string> problems;
        db_.interruptibly(goOn, [&] {
            Statement& s = db_.prepare("PRAGMA integrity_check");
            const Rows rows{s};
            while (s.step()) {
                if (s.bytes(0) != "ok")
                    problems.emplace_back(s.bytes(0));
            }
        });
        return problems;
    }
    std::vector<RawFeed> rawFeeds() const override
    {
        Statement& s = db_.prepare("SELECT feed, key, head, digest, records, oldest_tombstone FROM feed");
        const Rows rows{s};
        std::vector<RawFeed> found;
        while (s.step())
            found.push_back({s.number(0), std::string(s.bytes(1)), static_cast<uint64_t>(s.number(2)),
                             std::string(s.bytes(3)), static_cast<uint64_t>(s.number(4)),
                             static_cast<uint64_t>(s.number(5))});
        return found;
    }
    void rawRecords(const std::function<void(const RawRecord&)>& each) const override
    {
        Statement& s = db_.prepare("SELECT feed, number, id, thing, deleted, seal, bytes FROM record");
        const Rows rows{s};
        while (s.step())
            each({s.number(0), static_cast<uint64_t>(s.number(1)), s.bytes(2), s.number(3), s.number(4) != 0,
                  s.bytes(5), s.bytes(6)});
    }
    void rawRevisions(const std::function<void(const RawRevision&)>& each) const override { revisions_.each(each); }
    void rawLogins(const std::function<void(std::string_view, std::string_view)>& each) const override
    {
        Statement& s = db_.prepare("SELECT login, person FROM login");
        const Rows rows{s};
        while (s.step())
            each(s.bytes(0), s.bytes(1));
    }

private:
    mutable Database db_;
    Reads reads_;
    Revisions revisions_;
};

class SqliteTransaction : public Transaction {
public:
    explicit SqliteTransaction(Database& database) : db_(database), reads_(database), revisions_(database)
    {
        if (STOA_PLANT("receipt before commit") && sqlite3_get_autocommit(db_.native()) == 0)
            db_.execute("COMMIT"); // of the one before
        db_.execute("BEGIN IMMEDIATE");
    }
    ~SqliteTransaction() override
    {
        if (sqlite3_get_autocommit(db_.native()) == 0 && !left_)
            sqlite3_exec(db_.native(), "ROLLBACK", nullptr, nullptr, nullptr);
    }

    std::optional<Located> find(const Id& id) const override
    {
        const auto known = cache_.find(id);
        if (known != cache_.end())
            return known->second;
        if (cache_.size() >= cacheMax)
            cache_.clear();
        return cache_[id] = reads_.find(id);
    }
    bool loginExists(std::string_view login) const override { return reads_.loginExists(login); }
    std::optional<Id> personByLogin(std::string_view login) const override { return reads_.personByLogin(login); }
    std::string passwordHash(const Id& person) const override { return reads_.passwordHash(person); }
    std::optional<Device> deviceByToken(std::string_view hash) const override { return reads_.deviceByToken(hash); }
    std::optional<StoredInvitation> invitation(std::string_view hash) const override { return reads_.invitation(hash); }
    Tries tries(std::string_view key, int64_t sinceMs) const override { return reads_.tries(key, sinceMs); }
    std::optional<AcceptedChange> acceptedChange(const Id& change) const override
    {
        return reads_.acceptedChange(change);
    }

    FeedState feedState(const Feed& feed) const override { return open(feed).state; }
    std::string sealAt(const Feed& feed, uint64_t number) const override { return reads_.sealAt(feed, number); }

    std::optional<StoredVersion> version(const Feed& feed, const Id& id) const override
    {
        Statement& s = db_.prepare("SELECT number, deleted, seal, bytes FROM record WHERE id = ? AND feed = ?");
        const Rows rows{s.bindBlob(1, id.view()).bind(2, open(feed).key)};
        if (!s.step())
            return std::nullopt;
        return StoredVersion{static_cast<uint64_t>(s.number(0)), id, s.number(1) != 0, std::string(s.bytes(2)),
                             std::string(s.bytes(3))};
    }

    void setBoot(std::string_view boot) override
    {
        db_.prepare("UPDATE organisation SET boot = ?").bindBlob(1, boot).run();
    }

    void beginEpoch(uint32_t epoch) override
    {
        storeFeeds();
        db_.prepare("UPDATE organisation SET epoch = ?").bind(1, int64_t{epoch}).run();
        db_.prepare("INSERT OR IGNORE INTO began SELECT feed, ?, head FROM feed").bind(1, int64_t{epoch}).run();
        feeds_.clear();
    }

    uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const override
    {
        static_cast<void>(open(feed));
        return reads_.inheritedAfter(feed, epoch);
    }

    void lowerInherited(const Feed& feed, uint64_t upto) override
    {
        storeFeeds();
        db_.prepare("UPDATE began SET head = min(head, ?) WHERE feed = ? AND epoch = (SELECT epoch FROM organisation)")
            .bind(1, static_cast<int64_t>(upto))
            .bind(2, open(feed).key)
            .run();
        feeds_.clear();
    }

    std::optional<HandedVersion> handed(const Feed& feed, const Id& id) const override
    {
        Statement& s = db_.prepare("SELECT f.key, h.id, h.number, h.stored_as, h.person, h.time_ms, h.bytes "
                                   "FROM handed h JOIN feed f USING (feed) WHERE h.feed = ? AND h.id = ?");
        const Rows rows{s.bind(1, open(feed).key).bindBlob(2, id.view())};
        return s.step() ? std::optional(handedVersion(s)) : std::nullopt;
    }

    void putHanded(const HandedVersion& version) override
    {
        db_.prepare("INSERT OR REPLACE INTO handed VALUES (?, ?, ?, ?, ?, ?, ?)")
            .bind(1, open(version.feed).key)
            .bindBlob(2, version.id.view())
            .bind(3, static_cast<int64_t>(version.number))
            .bind(4, static_cast<int64_t>(version.storedAs))
            .bindBlob(5, version.person.view())
            .bind(6, version.timeMs)
            .bindBlob(7, version.bytes)
            .run();
    }

    void dismissHanded(const Feed& feed, const Id& id) override
    {
        db_.prepare("UPDATE handed SET bytes = x'' WHERE feed = ? AND id = ?")
            .bind(1, open(feed).key)
            .bindBlob(2, id.view())
            .run();
    }

    void setOrganisation(const Id& organisation, uint32_t epoch) override
    {
        db_.execute("DELETE FROM organisation");
        db_.prepare("INSERT INTO organisation(id, epoch) VALUES (?, ?)")
            .bindBlob(1, organisation.view())
            .bind(2, int64_t{epoch})
            .run();
    }

    void put(const Applied& version, const StoredVersion& stored) override
    {
        OpenFeed& feed = open(version.feed);
        feed.altered = true;
        int64_t before = 0;
        {
            Statement& s =
                db_.prepare("SELECT record, number, deleted, bytes, seal FROM record WHERE id = ? AND feed = ?");
            const Rows rows{s.bindBlob(1, stored.id.view()).bind(2, feed.key)};
            if (s.step()) {
                before = s.number(0);
                db_.prepare("INSERT OR REPLACE INTO past VALUES (?, ?, ?)")
                    .bind(1, feed.key)
                    .bind(2, s.number(1))
                    .bindBlob(3, s.bytes(4))
                    .run();
                if (s.number(2) == 0 && !STOA_PLANT("digest not updated")) {
                    feed.state.digest.subtract(
                        versionDigest(stored.id, static_cast<uint64_t>(s.number(1)), s.bytes(3)));
                    --feed.state.records;
                }
            }
        }
        if (!stored.deleted) {
            feed.state.digest.add(versionDigest(stored.id, stored.number, stored.bytes));
            ++feed.state.records;
        }
        feed.state.head = stored.number;
        const int64_t thing = version.record.thing_case();
        if (before != 0) {
            db_.prepare("UPDATE record SET number = ?, thing = ?, deleted = ?, seal = ?, bytes = ? WHERE record = ?")
                .bind(1, static_cast<int64_t>(stored.number))
                .bind(2, thing)
                .bind(3, int64_t{stored.deleted})
                .bindBlob(4, stored.seal)
                .bindBlob(5, stored.bytes)
                .bind(6, before)
                .run();
        } else {
            db_.prepare(
                   "INSERT INTO record(feed, number, id, thing, deleted, seal, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)")
                .bind(1, feed.key)
                .bind(2, static_cast<int64_t>(stored.number))
                .bindBlob(3, stored.id.view())
                .bind(4, thing)
                .bind(5, int64_t{stored.deleted})
                .bindBlob(6, stored.seal)
                .bindBlob(7, stored.bytes)
                .run();
        }
        if (stored.number % pastLookedThroughEvery == 0)
            db_.prepare("DELETE FROM past WHERE feed = ?1 AND number <= "
                        "(SELECT number FROM past WHERE feed = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)")
                .bind(1, feed.key)
                .bind(2, pastMax)
                .run();
        if (version.record.has_person() && !version.record.person().login().empty())
            db_.prepare("INSERT OR REPLACE INTO login VALUES (?, ?)")
                .bind(1, version.record.person().login())
                .bindBlob(2, stored.id.view())
                .run();
        if (cache_.size() >= cacheMax)
            cache_.clear();
        if (STOA_PLANT("rights read before the lock") && version.record.has_membership())
            return;
        cache_[stored.id] = Located{version.feed, std::make_shared<v1::Record>(version.record)};
    }

    void erase(const Id& person) override
    {
        erased_ = true;
        for (const char* each : {"DELETE FROM login WHERE person = ?", "DELETE FROM password WHERE person = ?",
                                 "DELETE FROM device WHERE person = ?", "DELETE FROM invitation WHERE person = ?",
                                 "DELETE FROM handed WHERE id = ?"})
            db_.prepare(each).bindBlob(1, person.view()).run();
        OpenFeed& own = open({FeedKind::Person, person});
        for (const char* each : {"DELETE FROM record WHERE feed = ?", "DELETE FROM past WHERE feed = ?"})
            db_.prepare(each).bind(1, own.key).run();
        own.state.digest = {};
        own.state.records = 0;
        own.state.oldestTombstone = own.state.head;
        own.altered = true;
        cache_.clear();
    }

    void addAcceptedChange(const Id& change, const AcceptedChange& accepted) override
    {
        db_.prepare("INSERT INTO accepted VALUES (?, ?, ?, ?)")
            .bindBlob(1, change.view())
            .bindBlob(2, accepted.person.view())
            .bindBlob(3, accepted.hash.str())
            .bindBlob(4, accepted.effects)
            .run();
    }

    std::vector<v1::Revision> revisionsAfter(const Id& post, uint64_t after, size_t bytesMax) const override
    {
        return revisions_.after(post, after, bytesMax);
    }
    std::optional<v1::Revision> revision(const Id& post, uint64_t revision) const override
    {
        return revisions_.find(post, revision);
    }
    uint64_t newestRevision(const Id& post) const override { return revisions_.newest(post); }
    void addRevision(const Id& post, const v1::Revision& revision) override { revisions_.add(post, revision); }
    void dropRevisions(const Id& post) override { revisions_.drop(post); }
    std::optional<Publication> publication(const Id& post) const override { return revisions_.publication(post); }
    std::vector<Publication> unpublished() const override { return revisions_.unpublished(); }
    void setPublication(const Publication& publication) override { revisions_.setPublication(publication); }
    void dropPublished(int64_t sinceMs, int64_t nowMs) override { revisions_.dropPublished(sinceMs, nowMs); }

    std::vector<OpenProposal> openProposals(const Id& page) const override { return Proposals(db_).of(page); }
    std::vector<OpenProposal> dueProposals(int64_t nowMs, size_t countMax) const override
    {
        return Proposals(db_).due(nowMs, countMax);
    }
    std::optional<int64_t> nextProposalMs() const override { return Proposals(db_).nextMs(); }
    void setOpenProposal(const OpenProposal& proposal) override { Proposals(db_).set(proposal); }
    void dropOpenProposal(const Id& proposal) override { Proposals(db_).drop(proposal); }
    std::vector<Id> judges(const Id& proposal) const override { return Proposals(db_).judges(proposal); }
    void addJudge(const Id& proposal, const Id& person) override { Proposals(db_).addJudge(proposal, person); }
    void dropJudge(const Id& proposal, const Id& person) override { Proposals(db_).dropJudge(proposal, person); }
    void dropJudges(const Id& proposal) override { Proposals(db_).dropJudges(proposal); }

    void setPasswordHash(const Id& person, std::string_view hash) override
    {
        db_.prepare("INSERT OR REPLACE INTO password VALUES (?, ?)").bindBlob(1, person.view()).bind(2, hash).run();
    }
    void addDevice(const Device& device, std::string_view hash) override
    {
        db_.prepare("INSERT INTO device VALUES (?, ?, ?, ?, ?)")
            .bindBlob(1, hash)
            .bindBlob(2, device.id.view())
            .bindBlob(3, device.person.view())
            .bind(4, device.name)
            .bind(5, device.madeMs)
            .run();
    }
    void removeDevice(const Id& device) override
    {
        db_.prepare("DELETE FROM device WHERE id = ?").bindBlob(1, device.view()).run();
    }
    void addInvitation(std::string_view hash, const StoredInvitation& invitation) override
    {
        db_.prepare("INSERT INTO invitation VALUES (?, ?, ?)")
            .bindBlob(1, hash)
            .bindBlob(2, invitation.person.view())
            .bind(3, invitation.expiresMs)
            .run();
    }
    void removeInvitations(const Id& person) override
    {
        db_.prepare("DELETE FROM invitation WHERE person = ?").bindBlob(1, person.view()).run();
    }
    void addTry(std::string_view key, int64_t timeMs) override
    {
        db_.prepare("INSERT INTO try VALUES (?, ?)").bind(1, key).bind(2, timeMs).run();
    }
    void removeTry(std::string_view key, int64_t timeMs) override
    {
        db_.prepare("DELETE FROM try WHERE rowid = (SELECT rowid FROM try WHERE key = ? AND time_ms = ? LIMIT 1)")
            .bind(1, key)
            .bind(2, timeMs)
            .run();
    }
    void removeTries(std::string_view key) override { db_.prepare("DELETE FROM try WHERE key = ?").bind(1, key).run(); }
    void removeTriesBefore(int64_t timeMs) override
    {
        db_.prepare("DELETE FROM try WHERE time_ms < ?").bind(1, timeMs).run();
    }

    void commit() override
    {
        storeFeeds();
        left_ = STOA_PLANT("receipt before commit");
        if (left_)
            return;
        db_.execute("COMMIT");
        if (erased_ && !STOA_PLANT("erased only in the log")) // the log holds what the pages held before
            db_.leaveNoTrace();
        else if (db_.logPages() > logPagesMax)
            db_.checkpoint();
    }

private:
    static constexpr size_t cacheMax = 4096;

    struct OpenFeed {
        int64_t key = 0;
        FeedState state;
        bool altered = false;
    };

    void storeFeeds()
    {
        for (const auto& [feed, open] : feeds_) {
            if (!open.altered)
                continue;
            db_.prepare("UPDATE feed SET head = ?, digest = ?, records = ?, oldest_tombstone = ? WHERE feed = ?")
                .bind(1, static_cast<int64_t>(open.state.head))
                .bindBlob(2, open.state.digest.str())
                .bind(3, static_cast<int64_t>(open.state.records))
                .bind(4, static_cast<int64_t>(open.state.oldestTombstone))
                .bind(5, open.key)
                .run();
        }
    }

    OpenFeed& open(const Feed& feed) const
    {
        const auto known = feeds_.find(feed);
        if (known != feeds_.end())
            return known->second;
        db_.prepare("INSERT OR IGNORE INTO feed(key, head, digest, records, oldest_tombstone) VALUES (?, 0, ?, 0, 0)")
            .bindBlob(1, feed.key())
            .bindBlob(2, Digest{}.str())
            .run();
        // One that an epoch did not begin with: all that was ever in it may have been lost then.
        if (sqlite3_changes(db_.native()) == 1)
            db_.prepare("INSERT INTO began SELECT feed, epoch, 0 FROM feed, organisation WHERE key = ? AND epoch > 1")
                .bindBlob(1, feed.key())
                .run();
        OpenFeed opened{.state = reads_.feedState(feed)};
        Statement& s = db_.prepare("SELECT feed FROM feed WHERE key = ?");
        const Rows rows{s.bindBlob(1, feed.key())};
        s.step();
        opened.key = s.number(0);
        return feeds_[feed] = opened;
    }

    Database& db_;
    Reads reads_;
    Revisions revisions_;
    mutable std::map<Feed, OpenFeed> feeds_;
    mutable std::unordered_map<Id, std::optional<Located>, IdHash> cache_; // also of what is not there
    bool erased_ = false;
    bool left_ = false; // for the next one to commit: only where that is planted
};

class SqliteStore : public Store {
public:
    explicit SqliteStore(const std::filesystem::path& path)
        : path_(path.string()), lock_(path.parent_path() / "lock"), db_(path_, Database::Mode::Write)
    {
        const int64_t version = requireKnownSchema(db_); // before anything is written
        db_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA trusted_schema = OFF;"
                    "PRAGMA secure_delete = ON"); // who was erased, or was called otherwise before
        if (STOA_PLANT("server syncs too little"))
            db_.execute("PRAGMA synchronous = NORMAL");
        if (version < schemaVersion) {
            db_.execute("BEGIN IMMEDIATE");
            if (version < 1)
                db_.execute(schema);
            if (version < 2)
                db_.execute(restoring);
            if (version < 3)
                db_.execute(superseded);
            if (version < 4)
                db_.execute(sqlite::revisionTables);
            if (version < 5)
                db_.execute(sqlite::proposalTables);
            if (version < 6)
                db_.execute(sqlite::judgeTables);
            db_.execute(("PRAGMA user_version = " + std::to_string(schemaVersion)).c_str());
            db_.execute("COMMIT");
        }
    }

    std::unique_ptr<Transaction> begin() override { return std::make_unique<SqliteTransaction>(db_); }
    std::unique_ptr<Snapshot> snapshot() override { return std::make_unique<SqliteSnapshot>(path_); }
    bool rest() override
    {
        if (db_.mustLeaveNoTrace() || db_.logPages() > logPagesAtRest)
            db_.checkpoint();
        return !db_.mustLeaveNoTrace();
    }
    void checkpoint() override { db_.execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

private:
    // Held as long as this lives, and let go by the system if the process is killed.
    struct Lock {
        explicit Lock(const std::filesystem::path& path)
            : file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
        {
            if (file < 0)
                throw StorageError("The lock file " + path.string() + " cannot be opened.");
            if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
                ::close(file);
                throw StoreLocked("Another stoad works on this data.");
            }
        }
        ~Lock() { ::close(file); }
        int file;
    };

    std::string path_;
    Lock lock_;
    Database db_;
};

} // namespace

int64_t requireKnownSchema(sqlite::Database& database)
{
    Statement& s = database.prepare("PRAGMA user_version");
    const Rows rows{s};
    s.step();
    const int64_t version = s.number(0);
    if (version > schemaVersion)
        throw StorageError("The database was written by a newer version of this program. Please install that one.");
    return version;
}

std::unique_ptr<Snapshot> openSqliteSnapshot(const std::filesystem::path& database)
{
    return std::make_unique<SqliteSnapshot>(database.string());
}

std::unique_ptr<Store> openSqliteStore(const std::filesystem::path& database)
{
    return std::make_unique<SqliteStore>(database);
}

} // namespace stoa
