// What the simulated disk promises, with SQLite alone on it.

#include <filesystem>
#include <set>

#include <sqlite3.h>

#include "tests/support/catch.h"
#include "tests/support/simulated_disk.h"

using namespace stoa::test;

namespace {

class Table {
public:
    explicit Table(const std::string& path)
    {
        REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
        (void)run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t(v BLOB)");
    }
    ~Table() { sqlite3_close(database_); }
    Table(const Table&) = delete;

    bool run(const char* sql) { return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK; }
    bool add() { return run("INSERT INTO t VALUES(randomblob(3000))"); }
    std::string text(const char* sql)
    {
        std::string found;
        const auto take = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) = values[0] ? values[0] : "";
            return 0;
        };
        sqlite3_exec(database_, sql, take, &found, nullptr);
        return found;
    }
    int rows() { return std::atoi(text("SELECT count(*) FROM t").c_str()); }

private:
    sqlite3* database_ = nullptr;
};

// Inserts until the power is cut; how many rows were lost that were committed, or -1 for a damaged file.
int lostByCut(uint64_t seed, bool syncLess)
{
    SimulatedDisk disk(seed);
    const std::string machine = disk.root() + "/machine", path = machine + "/t.db";
    if (syncLess)
        disk.syncLess(machine);
    int committed = 0;
    {
        Table table(path);
        disk.stopAfter(machine, seed % 200);
        for (int i = 0; i < 100 && !disk.isStopped(machine); ++i) {
            committed += table.add() ? 1 : 0;
            if (i % 7 == 6)
                (void)table.run("PRAGMA wal_checkpoint(PASSIVE)");
        }
    }
    REQUIRE(disk.isStopped(machine));
    disk.powerCut(machine);
    Table table(path);
    if (table.text("PRAGMA integrity_check") != "ok")
        return -1;
    const int lost = std::max(0, committed - table.rows());
    REQUIRE(table.add());
    return lost;
}

} // namespace

TEST_CASE("What SQLite synced is there after a power cut, and nothing is damaged")
{
    for (uint64_t seed = 0; seed < 400; ++seed) {
        CAPTURE(seed);
        CHECK(lostByCut(seed, false) == 0);
    }
}

TEST_CASE("Without a sync at each commit a power cut loses what was committed, and damages nothing")
{
    int lost = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        const int here = lostByCut(seed, true);
        CHECK(here >= 0);
        lost += here;
    }
    CHECK(lost > 0);
}

TEST_CASE("A reader on the simulated disk sees one state while the writer goes on")
{
    SimulatedDisk disk(1);
    const std::string path = disk.root() + "/machine/t.db";
    Table writer(path);
    Table reader(path);
    REQUIRE(writer.add());
    REQUIRE(reader.run("BEGIN"));
    CHECK(reader.rows() == 1);
    REQUIRE(writer.add());
    CHECK(reader.rows() == 1);
    CHECK_FALSE(reader.add()); // another wrote since
    REQUIRE(reader.run("ROLLBACK"));
    CHECK(reader.rows() == 2);
    REQUIRE(writer.run("BEGIN IMMEDIATE"));
    CHECK_FALSE(reader.add());
    REQUIRE(writer.run("COMMIT"));
    CHECK(reader.add());
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("A program that dies loses nothing that it wrote")
{
    SimulatedDisk disk(1);
    const std::string machine = disk.root() + "/machine", path = machine + "/t.db";
    disk.syncLess(machine);
    {
        Table table(path);
        REQUIRE(table.add());
        disk.stopAfter(machine, 0);
        CHECK_FALSE(table.add());
    }
    disk.processKilled(machine);
    CHECK(Table(path).rows() == 1);
}

TEST_CASE("A call fails when it is told to, once or until the disk is healed")
{
    SimulatedDisk disk(1);
    const std::string machine = disk.root() + "/machine";
    Table table(machine + "/t.db");
    REQUIRE(table.add());
    disk.failAfter(machine, DiskOperation::Write, 2, false, true);
    CHECK_FALSE(table.add());
    CHECK(disk.hasFailed(machine));
    CHECK(table.add());
    disk.heal(machine);
    disk.failAfter(machine, DiskOperation::Sync, 0, true, false);
    CHECK_FALSE(table.add());
    CHECK_FALSE(table.add());
    disk.heal(machine);
    CHECK(table.add());
    CHECK(table.rows() == 3);
    CHECK(table.text("PRAGMA integrity_check") == "ok");
}

TEST_CASE("The same seed decides the same")
{
    const auto rows = [](uint64_t seed) {
        SimulatedDisk disk(seed);
        const std::string machine = disk.root() + "/machine";
        disk.syncLess(machine);
        {
            Table table(machine + "/t.db");
            disk.stopAfter(machine, 120);
            while (table.add()) {}
        }
        disk.powerCut(machine);
        Table table(machine + "/t.db");
        return table.text("SELECT count(*) || ' ' || group_concat(hex(v)) FROM t");
    };
    std::set<std::string> different;
    for (uint64_t seed = 0; seed < 10; ++seed) {
        const std::string once = rows(seed);
        CHECK(once == rows(seed));
        different.insert(once);
    }
    CHECK(different.size() > 1);
}

TEST_CASE("A copied machine goes on beside the first")
{
    SimulatedDisk disk(1);
    {
        Table table(disk.root() + "/one/t.db");
        REQUIRE(table.add());
        disk.copy(disk.root() + "/one", disk.root() + "/two");
        REQUIRE(table.add());
    }
    CHECK(Table(disk.root() + "/two/t.db").rows() == 1);
    disk.remove(disk.root() + "/one");
    CHECK(Table(disk.root() + "/one/t.db").rows() == 0);
}
